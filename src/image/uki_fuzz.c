/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>

#include "image/uki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As an image it is as sound, and its parts are those that were read. */
static void check_parse(struct span file, int read)
{
	struct image m;

	assert(uki_parse(file, &m, NULL) == read);
	for (unsigned i = 0; !read && i < m.parts.n; i++)
		assert(m.parts.v[i].data.len && m.parts.v[i].data.ptr >= file.ptr);
	if (!read && m.payload_size)
		assert(parts_find(&m.parts, PART_KERNEL)->data.ptr == file.ptr + m.payload_off);
}

static void inside(struct span s, struct span file)
{
	assert(!s.ptr || (s.ptr >= file.ptr && s.ptr + s.len <= file.ptr + file.len));
}

/* All that is taken out lies in the file; a profile that exists can be chosen, the next cannot. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_of(data, size);
	struct uki u, v;
	struct err err = ERR_INIT;
	int r = uki_read(file, 0, &u, &err);

	assert(r == 0 || r == -ENOEXEC || r == -EBADMSG);
	assert((r == -EBADMSG) == (err.text[0] != 0));
	check_parse(file, r);
	if (r)
		return 0;
	assert(u.kernel.len && u.profiles >= 1 && u.profiles <= UKI_PROFILES_MAX);
	inside(u.kernel, file);
	inside(u.initrd, file);
	inside(u.ucode, file);
	inside(u.cmdline, file);
	inside(u.dtb, file);
	inside(u.uname, file);
	inside(u.osrel, file);
	assert(uki_read(file, u.profiles, &v, NULL) == -EINVAL);
	r = uki_read(file, u.profiles - 1, &v, NULL);
	assert(r == 0 || r == -EBADMSG); /* a profile may have an empty kernel of its own */
	return 0;
}
