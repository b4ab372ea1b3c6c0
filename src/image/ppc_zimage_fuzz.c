/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>

#include "image/ppc_zimage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As an image it is as sound, and its parts are those that were read. */
static void check_parse(struct span file, int read)
{
	struct image m;

	assert(ppc_zimage_parse(file, &m, NULL) == read);
	for (unsigned i = 0; !read && i < m.parts.n; i++)
		assert(m.parts.v[i].data.len && m.parts.v[i].data.ptr >= file.ptr);
	if (!read && m.payload_size)
		assert(parts_find(&m.parts, PART_KERNEL)->data.ptr == file.ptr + m.payload_off);
}

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
	check_parse(file, r);
	if (r)
		return 0;
	assert(z.kernel.len && z.compression != COMP_UNKNOWN);
	inside(z.kernel, file);
	inside(z.initrd, file);
	inside(z.dtb, file);
	return 0;
}
