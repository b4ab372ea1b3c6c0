/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/android.h"

#include <stdio.h>
#include <string.h>

#include "base/align.h"
#include "base/cursor.h"
#include "image/container.h"

enum {
	NEWEST = 4,
	PAGE_MIN = 2048,
	PAGE_MAX = 1 << 20,
	NAME_SIZE = 16,
};

/* One part, in the order of the file. */
struct piece {
	const char *what;
	uint32_t size_at; /* of its field in the header */
	struct span *into;
};

/* @header is what its field of that name says, or what the version has by itself. */
static int check_header(struct span file, uint64_t header, uint64_t least, struct err *err)
{
	if (header < least)
		return fail_at(err, EBADMSG, 0, "header says that it has 0x%llx bytes, not 0x%llx",
			       (unsigned long long)header, (unsigned long long)least);
	if (header > file.len)
		return fail_at(err, EBADMSG, file.len,
			       "file ends at 0x%zx, in its header of 0x%llx bytes", file.len,
			       (unsigned long long)header);
	return 0;
}

/* Each piece begins on a page; the first behind the header's. */
static int read_pieces(struct span file, uint64_t at, uint32_t page, const struct piece *list,
		       struct err *err)
{
	for (const struct piece *p = list; p->what; p++) {
		struct cursor c = cursor_le(file, p->size_at);
		uint32_t size = cursor_u32(&c);

		at = align_up(at, page);
		if (!size)
			continue;
		*p->into = span_sub(file, at, size);
		if (!p->into->ptr)
			return fail_at(err, EBADMSG, p->size_at,
				       "%s of 0x%x bytes at 0x%llx is not in the file's 0x%zx; "
				       "was it cut?",
				       p->what, size, (unsigned long long)at, file.len);
		at += size;
	}
	return 0;
}

/* Up to a NUL, if there is one. */
static struct span text_at(struct span file, uint32_t at, uint32_t size)
{
	struct span s = span_sub(file, at, size);

	if (s.ptr)
		s.len = strnlen((const char *)s.ptr, s.len);
	return s;
}

static int check_page(struct android *a, uint32_t field, uint32_t page, struct err *err)
{
	a->page = page;
	if (align_ok(page) && page >= PAGE_MIN && page <= PAGE_MAX)
		return 0;
	return fail_at(err, EBADMSG, field,
		       "page size 0x%x at 0x%x is no power of two from 2 KiB to 1 MiB", page,
		       field);
}

static int read_old(struct span file, struct android *a, struct err *err)
{
	static const uint32_t sizes[] = {ANDROID_V0_SIZE, ANDROID_V1_SIZE, ANDROID_V2_SIZE};
	struct cursor c = cursor_le(file, ANDROID_PAGE_SIZE);
	struct piece list[] = {
		{"kernel", ANDROID_KERNEL_SIZE, &a->kernel},
		{"ramdisk", ANDROID_RAMDISK_SIZE, &a->ramdisk},
		{"second stage", ANDROID_SECOND_SIZE, &a->second},
		{"recovery's device tree", ANDROID_RECOVERY_DTBO_SIZE, &a->recovery_dtbo},
		{"device tree", ANDROID_DTB_SIZE, &a->dtb},
		{0},
	};
	int r = check_header(file, sizes[a->version], sizes[a->version], err);

	if (!r)
		r = check_page(a, ANDROID_PAGE_SIZE, cursor_u32(&c), err);
	if (r)
		return r;
	list[3 + a->version] = (struct piece){0};
	a->name = text_at(file, ANDROID_NAME, NAME_SIZE);
	a->cmdline = text_at(file, ANDROID_CMDLINE, ANDROID_CMDLINE_SIZE);
	a->extra_cmdline = text_at(file, ANDROID_EXTRA_CMDLINE, ANDROID_EXTRA_CMDLINE_SIZE);
	return read_pieces(file, sizes[a->version], a->page, list, err);
}

static int read_new(struct span file, struct android *a, struct err *err)
{
	struct cursor c = cursor_le(file, ANDROID3_HEADER_SIZE);
	uint32_t header = cursor_u32(&c);
	const struct piece list[] = {
		{"kernel", ANDROID_KERNEL_SIZE, &a->kernel},
		{"ramdisk", ANDROID3_RAMDISK_SIZE, &a->ramdisk},
		{0},
	};
	int r = check_header(file, header, a->version == 3 ? ANDROID3_SIZE : ANDROID4_SIZE, err);

	if (r)
		return r;
	a->page = ANDROID3_PAGE;
	a->cmdline = text_at(file, ANDROID3_CMDLINE, ANDROID3_CMDLINE_SIZE);
	return read_pieces(file, header, a->page, list, err);
}

static int read_vendor(struct span file, struct android *a, struct err *err)
{
	struct cursor c = cursor_le(file, VENDOR_BOOT_PAGE_SIZE), h;
	uint32_t header;
	const struct piece list[] = {
		{"ramdisk", VENDOR_BOOT_RAMDISK_SIZE, &a->ramdisk},
		{"device tree", VENDOR_BOOT_DTB_SIZE, &a->dtb},
		{0},
	};
	int r = check_page(a, VENDOR_BOOT_PAGE_SIZE, cursor_u32(&c), err);

	if (r)
		return r;
	h = cursor_le(file, VENDOR_BOOT_HEADER_SIZE);
	header = cursor_u32(&h);
	r = check_header(file, header, a->version == 3 ? VENDOR_BOOT_V3_SIZE : VENDOR_BOOT_V4_SIZE,
			 err);
	if (r)
		return r;
	a->name = text_at(file, VENDOR_BOOT_NAME, NAME_SIZE);
	a->cmdline = text_at(file, VENDOR_BOOT_CMDLINE, VENDOR_BOOT_CMDLINE_SIZE);
	return read_pieces(file, header, a->page, list, err);
}

static int read_version(struct span file, struct android *a, struct err *err)
{
	uint32_t at = a->vendor ? VENDOR_BOOT_VERSION : ANDROID_VERSION;
	struct cursor c = cursor_le(file, at);

	a->version = cursor_u32(&c);
	if (c.bad)
		return fail_at(err, EBADMSG, file.len, "file ends in its header at 0x%zx",
			       file.len);
	/* Before there were versions, vendors had the size of their own table there. */
	if (!a->vendor && a->version >= ANDROID_V0_SIZE)
		a->version = 0;
	if (a->version > NEWEST || (a->vendor && a->version < 3))
		return fail_at(err, ENOTSUP, at, "header version %u at 0x%x is not known",
			       a->version, at);
	return 0;
}

int android_read(struct span file, struct android *out, struct err *err)
{
	struct span magic = span_sub(file, 0, 8);
	struct android a = {0};
	int r;

	if (!magic.ptr)
		return -ENOEXEC;
	a.vendor = !memcmp(magic.ptr, "VNDRBOOT", 8);
	if (!a.vendor && memcmp(magic.ptr, "ANDROID!", 8) != 0)
		return -ENOEXEC;
	r = read_version(file, &a, err);
	if (r)
		return r;
	if (a.vendor)
		r = read_vendor(file, &a, err);
	else
		r = a.version >= 3 ? read_new(file, &a, err) : read_old(file, &a, err);
	if (!r)
		*out = a;
	return r;
}

int android_parse(struct span file, struct image *out, struct err *err)
{
	/* It does not say for which CPU. */
	struct image m = {.format = IMAGE_ANDROID, .file = file};
	struct image_part kernel = {.kind = PART_KERNEL};
	struct android a;
	int r = android_read(file, &a, err);

	if (r)
		return r;
	kernel.data = a.kernel;
	kernel.name = a.name;
	kernel.compression = image_compression_of(a.kernel);
	if (kernel.compression == COMP_UNKNOWN)
		kernel.compression = COMP_NONE;
	r = container_add(&m, kernel, err);
	if (!r)
		r = container_add_plain(&m, PART_INITRD, a.ramdisk, err);
	if (!r)
		r = container_add_plain(&m, PART_DTB, a.dtb, err);
	if (!r)
		r = container_add_plain(&m, PART_CMDLINE, a.cmdline, err);
	if (!r)
		r = container_add_plain(&m, PART_CMDLINE, a.extra_cmdline, err);
	snprintf(m.about, sizeof(m.about), "%s, header version %u, pages of %u bytes",
		 a.vendor ? "vendor_boot" : "boot", a.version, a.page);
	if (!r)
		*out = m;
	return r;
}
