/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/image_fuzz.h"
#include "image/zimage.h"

/* The image lies in the file; known sizes cover each other; all can be shown. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image m;
	struct err err = ERR_INIT;
	int r = zimage_parse(span_of(data, size), &m, &err);

	assert(r != -ENOTSUP);
	fuzz_answer(r, &err);
	if (r)
		return 0;
	assert(m.zi.image_size && m.zi.image_size <= size);
	assert(!m.unpacked_size == !m.footprint_unpacking);
	assert(m.footprint_unpacking >= m.footprint_running);
	assert(m.footprint_running >= m.unpacked_size);
	fuzz_shown(&m);
	return 0;
}
