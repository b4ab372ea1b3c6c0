/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/image_fuzz.h"
#include "image/s390_image.h"

/*
 * What arch/s390x relies on: what it writes lies in the file, and what is kept free holds the
 * image. An input is an image's head and tail; the 64 KiB before the head, which nobody reads, are
 * zeros.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image m;
	struct err err = ERR_INIT;

	uint8_t *file = calloc(1, S390_ENTRY + size);

	assert(file);
	if (size)
		memcpy(file + S390_ENTRY, data, size);
	size += S390_ENTRY;
	int r = s390_image_parse(span_of(file, size), &m, &err);

	fuzz_damage(r, &err, size);
	if (r) {
		free(file);
		return 0;
	}
	assert(m.s390.cmdline_max && m.s390.cmdline_max <= size - S390_CMDLINE);
	assert(m.payload_off <= size && m.payload_size <= size - m.payload_off);
	assert(!m.footprint_unpacking || m.footprint_unpacking > size);
	assert(m.unpacked_size <= (uint64_t)UINT32_MAX);
	fuzz_shown(&m);
	free(file);
	return 0;
}
