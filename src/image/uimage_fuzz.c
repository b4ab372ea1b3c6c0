/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/image_fuzz.h"
#include "image/uimage_make.h"

static void check(struct span file)
{
	struct uimage u;
	struct image m;
	struct err err = ERR_INIT;
	int r = uimage_read(file, &u, &err);

	fuzz_answer(r, &err);
	fuzz_container(&m, uimage_parse(file, &m, NULL), r, file);
	if (r)
		return;
	fuzz_inside(u.kernel, file);
	fuzz_inside(u.ramdisk, file);
	fuzz_inside(u.dtb, file);
	assert(u.compression != COMP_UNKNOWN && u.name.len <= UIMAGE_NAME_SIZE);
}

/* All that is taken out lies in the file. Once as it is, once with sound checksums, which a fuzzer
 * does not find. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;
	uint64_t said;

	check(span_of(data, size));
	if (size < UIMAGE_HEADER_SIZE)
		return 0;
	copy = malloc(size);
	memcpy(copy, data, size);
	said = get_be(copy + UIMAGE_SIZE, 4);
	put_be(copy, UIMAGE_MAGIC_WORD, 4);
	if (said <= size - UIMAGE_HEADER_SIZE)
		uimage_make_sums(copy, (size_t)said);
	check(span_of(copy, size));
	free(copy);
	return 0;
}
