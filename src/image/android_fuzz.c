/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/android_make.h"
#include "image/image_fuzz.h"

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
	struct image m;
	struct err err = ERR_INIT;
	int r = android_read(file, &a, &err);
	const uint8_t *last = data;

	fuzz_answer(r, &err);
	fuzz_container(&m, android_parse(file, &m, NULL), r, file);
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
