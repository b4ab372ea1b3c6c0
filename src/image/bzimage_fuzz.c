/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/bzimage.h"
#include "image/image_fuzz.h"

/* What a parsed image promises to arch/: everything named lies inside the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_of(data, size);
	struct image m;
	struct err err = ERR_INIT;
	int r = bzimage_parse(file, &m, &err);
	struct image probed;

	/* One that is probed earlier may claim the same bytes; but somebody knows them. */
	assert(r == -ENOEXEC || image_parse(file, &probed, NULL) != -ENOEXEC);
	fuzz_answer(r, &err);
	if (r)
		return 0;
	assert(m.bz.setup_bytes < size);
	assert(m.bz.header_end <= 0x281 && m.bz.header_end <= m.bz.setup_bytes);
	assert(m.payload_size == 0 || span_sub(file, m.payload_off, m.payload_size).ptr);
	assert(m.payload_size == 0 || m.payload_off > m.bz.setup_bytes);
	assert(m.preferred && m.preferred + m.bz.init_size >= m.preferred);
	assert(!m.relocatable || (m.align && !(m.align & (m.align - 1))));
	assert(m.bits == (m.entry64 ? 64 : 32));
	fuzz_shown(&m);
	return 0;
}
