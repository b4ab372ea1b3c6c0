/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "image/fit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(const struct fit_image *m, struct span file)
{
	struct span s = m->data;

	assert(!s.ptr || (s.len && s.ptr >= file.ptr && s.ptr + s.len <= file.ptr + file.len));
	assert(!m->name.ptr ||
	       (m->name.ptr >= file.ptr && m->name.ptr + m->name.len <= file.ptr + file.len));
}

/* What is taken out lies in the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *copy = malloc(size ? size : 1); /* aligned */
	struct span file = span_of(copy, size);
	struct fit f;
	struct err err = ERR_INIT;
	int r;

	memcpy(copy, data, size);
	r = fit_read(file, NULL, &f, &err);
	assert(r == 0 || r == -ENOEXEC || r == -EBADMSG || r == -ENOTSUP || r == -EINVAL);
	assert((r < 0 && r != -ENOEXEC) == (err.text[0] != 0));
	if (!r) {
		assert(f.kernel.data.len && f.kernel.compression != COMP_UNKNOWN && f.configs);
		inside(&f.kernel, file);
		inside(&f.ramdisk, file);
		inside(&f.dtb, file);
	}
	free(copy);
	return 0;
}
