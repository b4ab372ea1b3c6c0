/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/image_fuzz.h"
#include "image/pe_image.h"

/* A kernel has a version that ends and a CPU. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image m;
	struct err err = ERR_INIT;
	int r = pe_image_parse(span_of(data, size), &m, &err);

	fuzz_answer(r, &err);
	if (!r)
		assert(m.arch && m.version[0] && memchr(m.version, 0, sizeof(m.version)));
	return 0;
}
