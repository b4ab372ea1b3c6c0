/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>

#include "image/uimage_make.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As an image it is as sound, and its parts are those that were read. */
static void check_parse(struct span file, int read)
{
	struct image m;

	assert(uimage_parse(file, &m, NULL) == read);
	for (unsigned i = 0; !read && i < m.parts.n; i++)
		assert(m.parts.v[i].data.len && m.parts.v[i].data.ptr >= file.ptr);
	if (!read && m.payload_size)
		assert(parts_find(&m.parts, PART_KERNEL)->data.ptr == file.ptr + m.payload_off);
}

static void inside(struct span s, struct span file)
{
	assert(!s.ptr || (s.ptr >= file.ptr && s.ptr + s.len <= file.ptr + file.len));
}

static void check(struct span file)
{
	struct uimage u;
	struct err err = ERR_INIT;
	int r = uimage_read(file, &u, &err);

	assert(r == 0 || r == -ENOEXEC || r == -EBADMSG || r == -ENOTSUP);
	assert((r == -EBADMSG || r == -ENOTSUP) == (err.text[0] != 0));
	check_parse(file, r);
	if (r)
		return;
	inside(u.kernel, file);
	inside(u.ramdisk, file);
	inside(u.dtb, file);
	assert(u.compression != COMP_UNKNOWN && u.name.len <= UIMAGE_NAME_SIZE);
}

/* All that is taken out lies in the file. Once as it is, once with sound checksums, which a fuzzer
 * does not find. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;
	uint64_t said;

	check(span_of(data, size));
	if (size < UIMAGE_HEADER_SIZE)
		return 0;
	copy = malloc(size);
	memcpy(copy, data, size);
	said = get_be(copy + UIMAGE_SIZE, 4);
	put_be(copy, UIMAGE_MAGIC_WORD, 4);
	if (said <= size - UIMAGE_HEADER_SIZE)
		uimage_make_sums(copy, (size_t)said);
	check(span_of(copy, size));
	free(copy);
	return 0;
}
