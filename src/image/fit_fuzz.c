/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/fit.h"
#include "image/image_fuzz.h"

static void inside(const struct fit_image *m, struct span file)
{
	assert(!m->data.ptr || m->data.len);
	fuzz_inside(m->data, file);
	fuzz_inside(m->name, file);
}

/* What is taken out lies in the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *copy = malloc(size ? size : 1); /* aligned */
	struct span file = span_of(copy, size);
	struct fit f;
	struct image m;
	struct err err = ERR_INIT;
	int r;

	memcpy(copy, data, size);
	r = fit_read(file, NULL, &f, &err);
	assert(r == 0 || r == -ENOEXEC || r == -EBADMSG || r == -ENOTSUP || r == -EINVAL);
	assert((r < 0 && r != -ENOEXEC) == (err.text[0] != 0));
	fuzz_container(&m, fit_parse(file, &m, NULL), r, file);
	if (!r) {
		assert(f.kernel.data.len && f.kernel.compression != COMP_UNKNOWN && f.configs);
		inside(&f.kernel, file);
		inside(&f.ramdisk, file);
		for (unsigned i = 0; i < f.ntrees; i++)
			inside(&f.trees[i], file);
	}
	free(copy);
	return 0;
}
