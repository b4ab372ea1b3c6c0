/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>

#include "image/android.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	if (r)
		return 0;
	last = behind(a.kernel, file, &a, last);
	last = behind(a.ramdisk, file, &a, last);
	last = behind(a.second, file, &a, last);
	last = behind(a.recovery_dtbo, file, &a, last);
	last = behind(a.dtb, file, &a, last);
	assert(a.cmdline.ptr && a.cmdline.len <= VENDOR_BOOT_CMDLINE_SIZE);
	assert(a.version <= 4 && (!a.vendor || !a.kernel.ptr));
	return 0;
}
