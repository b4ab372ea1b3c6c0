/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/image_fuzz.h"
#include "image/linux_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image m;
	struct err err = ERR_INIT;
	int r = linux_image_parse(span_of(data, size), &m, &err);

	fuzz_damage(r, &err, size);
	if (!r)
		fuzz_raw_image(&m, size);
	return 0;
}
