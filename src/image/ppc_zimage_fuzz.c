/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/image_fuzz.h"
#include "image/ppc_zimage.h"

/* What is taken out lies in the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_of(data, size);
	struct ppc_zimage z;
	struct image m;
	struct err err = ERR_INIT;
	int r = ppc_zimage_read(file, &z, &err);

	fuzz_answer(r, &err);
	fuzz_container(&m, ppc_zimage_parse(file, &m, NULL), r, file);
	if (r)
		return 0;
	assert(z.kernel.len && z.compression != COMP_UNKNOWN);
	fuzz_inside(z.kernel, file);
	fuzz_inside(z.initrd, file);
	fuzz_inside(z.dtb, file);
	return 0;
}
