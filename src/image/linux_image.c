/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/linux_image.h"

#include <string.h>

#include "base/ckd.h"
#include "base/cursor.h"
#include "image/inside.h"
#include "image/pe.h"

enum {
	PHYS_BITS = 48, /* booting.rst: all of the image lies within the 48-bit range */
	ARM64_OLD_OFFSET = 0x80000,
	/* head.S before Linux 5.8 refused to be built with more than 2 MiB less a page. */
	ARM64_OFFSET_BITS = 21,
};

static int read_header(struct image *m, bool arm64, struct err *err)
{
	struct linux_image *li = &m->li;
	struct cursor c = cursor_le(m->file, LI_TEXT_OFFSET);
	uint64_t end;

	li->text_offset = cursor_u64(&c);
	li->image_size = cursor_u64(&c);
	li->flags = cursor_u64(&c);
	li->version = cursor_u32(&c);
	if (m->file.len < LI_HEADER_SIZE)
		return fail_at(err, EBADMSG, m->file.len, "file ends in its header at 0x%zx",
			       m->file.len);
	/* Before Linux 3.17: image_size 0, and text_offset in the kernel's own byte order. */
	if (arm64 && !li->image_size)
		li->text_offset = ARM64_OLD_OFFSET;
	if (li->text_offset >> (arm64 ? ARM64_OFFSET_BITS : PHYS_BITS))
		return fail_at(
			err, EBADMSG, LI_TEXT_OFFSET, "text_offset 0x%llx at 0x8 is beyond 2^%d",
			(unsigned long long)li->text_offset, arm64 ? ARM64_OFFSET_BITS : PHYS_BITS);
	if (ckd_add(&end, li->text_offset, li->image_size) || end >> PHYS_BITS)
		return fail_at(err, EBADMSG, LI_IMAGE_SIZE,
			       "image_size 0x%llx at 0x10 is beyond 2^48",
			       (unsigned long long)li->image_size);
	return 0;
}

static void conclude_arm64(struct image *m)
{
	struct linux_image *li = &m->li;
	unsigned page = li->flags >> LI_FLAG_PAGE_SHIFT & 3;

	m->arch = "arm64";
	li->version = 0; /* reserved there */
	li->page_size = page ? 1u << (10 + 2 * page) : 0;
	li->anywhere = li->flags & LI_FLAG_ANYWHERE;
	m->limit_max = (1ull << PHYS_BITS) - 1;
}

static int conclude_riscv64(struct image *m, struct err *err)
{
	m->arch = "riscv64";
	if (!m->li.image_size)
		return fail_at(err, EBADMSG, LI_IMAGE_SIZE,
			       "image_size at 0x10 is 0, which riscv64 does not allow");
	m->li.page_size = 4096;
	m->li.anywhere = true;
	return 0;
}

int linux_image_parse(struct span file, struct image *out, struct err *err)
{
	struct image m = {.format = IMAGE_LINUX_IMAGE, .file = file, .bits = 64};
	struct span magic2 = span_sub(file, LI_MAGIC2, 4), magic = span_sub(file, LI_MAGIC, 8);
	int r;

	if (!magic2.ptr)
		return -ENOEXEC;
	bool arm64 = !memcmp(magic2.ptr, "ARM\x64", 4);
	bool riscv = !memcmp(magic2.ptr, "RSC\x05", 4) || !memcmp(magic.ptr, "RISCV\0\0\0", 8);

	if (!arm64 && !riscv)
		return -ENOEXEC;
	r = read_header(&m, arm64, err);
	if (r)
		return r;
	if (arm64)
		conclude_arm64(&m);
	else if ((r = conclude_riscv64(&m, err)))
		return r;
	m.big = m.li.flags & LI_FLAG_BIG;
	m.compression = COMP_NONE;
	m.align = LI_BASE_ALIGN;
	m.relocatable = true;
	m.how = HOW_SELF;
	/* A signature may follow the kernel, so the file can be the longer one. */
	m.footprint_running = m.li.image_size > file.len ? m.li.image_size : file.len;
	if (!m.li.image_size)
		m.footprint_running = 0;
	/* The header for firmware is the only one to tell where the file ends. */
	struct pe pe;
	if (!pe_read(file, &pe) && pe.end > file.len)
		return fail_at(err, EBADMSG, file.len, "file ends at 0x%zx, its sections at 0x%llx",
			       file.len, (unsigned long long)pe.end);
	image_read_banner(&m, file);
	*out = m;
	return 0;
}
