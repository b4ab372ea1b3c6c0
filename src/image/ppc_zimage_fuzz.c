/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>

#include "image/ppc_zimage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct span s, struct span file)
{
	assert(!s.ptr || (s.ptr >= file.ptr && s.ptr + s.len <= file.ptr + file.len));
}

/* What is taken out lies in the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_of(data, size);
	struct ppc_zimage z;
	struct err err = ERR_INIT;
	int r = ppc_zimage_read(file, &z, &err);

	assert(r == 0 || r == -ENOEXEC || r == -EBADMSG || r == -ENOTSUP);
	assert((r == -EBADMSG || r == -ENOTSUP) == (err.text[0] != 0));
	if (r)
		return 0;
	assert(z.kernel.len && z.compression != COMP_UNKNOWN);
	inside(z.kernel, file);
	inside(z.initrd, file);
	inside(z.dtb, file);
	return 0;
}
