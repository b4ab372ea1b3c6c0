/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "image/fit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As an image it is as sound, and its parts are those that were read. */
static void check_parse(struct span file, int read)
{
	struct image m;

	assert(fit_parse(file, &m, NULL) == read);
	for (unsigned i = 0; !read && i < m.parts.n; i++)
		assert(m.parts.v[i].data.len && m.parts.v[i].data.ptr >= file.ptr);
	if (!read && m.payload_size)
		assert(parts_find(&m.parts, PART_KERNEL)->data.ptr == file.ptr + m.payload_off);
}

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
	check_parse(file, r);
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
