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

/* A part of the ramdisks in a vendor_boot image. */
struct fragment {
	struct span name, data;
	uint32_t type;
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

/* Entry @i. */
static int read_fragment(const struct android *a, uint32_t i, struct fragment *out, struct err *err)
{
	struct span entry = span_sub(a->table, (uint64_t)i * a->entry_size, a->entry_size);
	struct cursor c = cursor_le(entry, 0);
	uint32_t size = cursor_u32(&c), offset = cursor_u32(&c);

	out->type = cursor_u32(&c);
	out->name = text_at(entry, VENDOR_RAMDISK_NAME, VENDOR_RAMDISK_NAME_SIZE);
	out->data = span_sub(a->ramdisk, offset, size);
	if (!out->data.ptr)
		return fail(err, EBADMSG,
			    "ramdisk %u of its table (0x%x bytes at 0x%x) is not in the 0x%zx "
			    "bytes of ramdisks",
			    i, size, offset, a->ramdisk.len);
	return 0;
}

static int read_table(struct span file, struct android *a, struct err *err)
{
	struct cursor c = cursor_le(file, VENDOR_BOOT_TABLE_COUNT);
	struct fragment f;
	int r = 0;

	a->entries = cursor_u32(&c);
	a->entry_size = cursor_u32(&c);
	if (a->entries &&
	    (a->entry_size < VENDOR_RAMDISK_ENTRY || a->entries > a->table.len / a->entry_size))
		return fail_at(err, EBADMSG, VENDOR_BOOT_TABLE_COUNT,
			       "table of ramdisks has 0x%zx bytes, not %u entries of 0x%x or more",
			       a->table.len, a->entries, (unsigned)VENDOR_RAMDISK_ENTRY);
	for (uint32_t i = 0; !r && i < a->entries; i++)
		r = read_fragment(a, i, &f, err);
	return r;
}

static int read_vendor(struct span file, struct android *a, struct err *err)
{
	struct cursor c = cursor_le(file, VENDOR_BOOT_PAGE_SIZE), h;
	uint32_t header;
	struct piece list[] = {
		{"ramdisk", VENDOR_BOOT_RAMDISK_SIZE, &a->ramdisk},
		{"device tree", VENDOR_BOOT_DTB_SIZE, &a->dtb},
		{"table of ramdisks", VENDOR_BOOT_TABLE_SIZE, &a->table},
		{"bootconfig", VENDOR_BOOT_BOOTCONFIG_SIZE, &a->bootconfig},
		{0},
	};
	int r = check_page(a, VENDOR_BOOT_PAGE_SIZE, cursor_u32(&c), err);

	if (r)
		return r;
	h = cursor_le(file, VENDOR_BOOT_HEADER_SIZE);
	header = cursor_u32(&h);
	r = check_header(file, header, a->version == 3 ? VENDOR_BOOT_V3_SAID : VENDOR_BOOT_V4_SIZE,
			 err);
	if (r)
		return r;
	a->name = text_at(file, VENDOR_BOOT_NAME, NAME_SIZE);
	a->cmdline = text_at(file, VENDOR_BOOT_CMDLINE, VENDOR_BOOT_CMDLINE_SIZE);
	if (a->version == 3)
		list[2] = (struct piece){0};
	r = read_pieces(file, header, a->page, list, err);
	return r || a->version == 3 ? r : read_table(file, a, err);
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

static int add_kernel(struct image *m, const struct android *a, struct err *err)
{
	struct image_part kernel = {.kind = PART_KERNEL, .data = a->kernel, .name = a->name};

	kernel.compression = image_compression_of(a->kernel);
	if (kernel.compression == COMP_UNKNOWN)
		kernel.compression = COMP_NONE;
	return container_add(m, kernel, err);
}

/* Those for recovery are loaded by nobody who does not start that. */
static int add_ramdisks(struct image *m, const struct android *v, unsigned *left, struct err *err)
{
	int r = v->entries ? 0 : container_add_plain(m, PART_INITRD, v->ramdisk, err);

	for (uint32_t i = 0; !r && i < v->entries; i++) {
		struct fragment f;

		r = read_fragment(v, i, &f, err);
		if (!r && f.type == VENDOR_RAMDISK_RECOVERY)
			++*left;
		else if (!r)
			r = container_add(
				m, (struct image_part){PART_INITRD, f.data, COMP_NONE, f.name},
				err);
	}
	return r;
}

static int add_lines(struct image *m, const struct android *a, const struct android *v,
		     struct err *err)
{
	int r = container_add_plain(m, PART_CMDLINE, a->cmdline, err);

	if (!r)
		r = container_add_plain(m, PART_CMDLINE, a->extra_cmdline, err);
	if (!r && a->cmdline.len && v->cmdline.len)
		r = container_add_plain(m, PART_CMDLINE, span_of(" ", 1), err);
	return r ? r : container_add_plain(m, PART_CMDLINE, v->cmdline, err);
}

/* @a: a boot image, @v: a vendor_boot image; either may be empty. */
static int add_parts(struct image *m, const struct android *a, const struct android *v,
		     unsigned *left, struct err *err)
{
	int r = add_kernel(m, a, err);

	if (!r)
		r = add_ramdisks(m, v, left, err);
	if (!r)
		r = container_add_plain(m, PART_INITRD, a->ramdisk, err);
	if (!r)
		r = container_add_plain(m, PART_DTB, a->dtb.len ? a->dtb : v->dtb, err);
	if (!r)
		r = add_lines(m, a, v, err);
	return r ? r : container_add_plain(m, PART_BOOTCONFIG, v->bootconfig, err);
}

static int as_image(struct span file, const struct android *a, const struct android *v,
		    struct image *out, struct err *err)
{
	/* It does not say for which CPU. */
	struct image m = {
		.format = IMAGE_ANDROID,
		.file = file,
		.no_ramdisk = a->version >= 3 && a->kernel.len && !a->ramdisk.len,
	};
	unsigned left = 0;
	int r = add_parts(&m, a, v, &left, err), n = 0;

	if (a->page)
		n = snprintf(m.about, sizeof(m.about), "boot, header version %u, pages of %u bytes",
			     a->version, a->page);
	if (v->page)
		n += snprintf(m.about + n, sizeof(m.about) - (size_t)n,
			      "%svendor_boot, header version %u, pages of %u bytes", n ? "; " : "",
			      v->version, v->page);
	if (left)
		snprintf(m.about + n, sizeof(m.about) - (size_t)n,
			 "; %u of its %u ramdisks are for recovery and left out", left, v->entries);
	if (!r)
		*out = m;
	return r;
}

int android_parse(struct span file, struct image *out, struct err *err)
{
	static const struct android none;
	struct android a;
	int r = android_read(file, &a, err);

	if (r)
		return r;
	return a.vendor ? as_image(file, &none, &a, out, err) : as_image(file, &a, &none, out, err);
}

int android_parse_with(struct span file, struct span vendor, struct image *out, struct err *err)
{
	struct android a, v;
	int r = android_read(file, &a, err);

	if (r)
		return r;
	if (a.vendor || a.version < 3)
		return fail(err, EINVAL,
			    "is a %s image of version %u: '--vendor-boot' goes with a boot image "
			    "of version 3 or 4",
			    a.vendor ? "vendor_boot" : "boot", a.version);
	r = android_read(vendor, &v, err);
	if (r == -ENOEXEC || (!r && !v.vendor))
		return fail(err, EINVAL, "the file of '--vendor-boot' is no vendor_boot image");
	return r ? wrap(err, r, "its vendor_boot image") : as_image(file, &a, &v, out, err);
}
