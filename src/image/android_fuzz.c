/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>

#include "image/android_make.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As an image it is as sound, and its parts are those that were read. */
static void check_parse(struct span file, int read)
{
	struct image m;

	assert(android_parse(file, &m, NULL) == read);
	for (unsigned i = 0; !read && i < m.parts.n; i++)
		assert(m.parts.v[i].data.len && m.parts.v[i].data.ptr >= file.ptr);
	if (!read && m.payload_size)
		assert(parts_find(&m.parts, PART_KERNEL)->data.ptr == file.ptr + m.payload_off);
}

/* Beside a boot image it is as sound, but for room: the boot image has three parts and a blank. */
static void check_beside(struct span vendor)
{
	struct android_make boot;
	struct image alone, both;
	int r;

	android_make_new(&boot, 4);
	r = android_parse_with(span_of(boot.bytes, boot.len), vendor, &both, NULL);
	if (android_parse(vendor, &alone, NULL) < 0)
		assert(r < 0);
	else if (alone.parts.n + 4 <= PARTS_MAX)
		assert(!r && both.parts.n >= alone.parts.n + 3);
	free(boot.bytes);
}

/* Parts lie in the file, from a page's start, one behind the other. */
static const uint8_t *behind(struct span s, struct span file, const struct android *a,
			     const uint8_t *last)
{
	if (!s.ptr)
		return last;
	assert(s.ptr >= last && s.ptr + s.len <= file.ptr + file.len);
	assert((size_t)(s.ptr - file.ptr) % a->page == 0);
	return s.ptr + s.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_of(data, size);
	struct android a;
	struct err err = ERR_INIT;
	int r = android_read(file, &a, &err);
	const uint8_t *last = data;

	assert(r == 0 || r == -ENOEXEC || r == -EBADMSG || r == -ENOTSUP);
	assert((r == -EBADMSG || r == -ENOTSUP) == (err.text[0] != 0));
	check_parse(file, r);
	if (r)
		return 0;
	last = behind(a.kernel, file, &a, last);
	last = behind(a.ramdisk, file, &a, last);
	last = behind(a.second, file, &a, last);
	last = behind(a.recovery_dtbo, file, &a, last);
	last = behind(a.dtb, file, &a, last);
	last = behind(a.table, file, &a, last);
	last = behind(a.bootconfig, file, &a, last);
	if (a.vendor)
		check_beside(file);
	assert(a.cmdline.ptr && a.cmdline.len <= VENDOR_BOOT_CMDLINE_SIZE);
	assert(a.version <= 4 && (!a.vendor || !a.kernel.ptr));
	return 0;
}
