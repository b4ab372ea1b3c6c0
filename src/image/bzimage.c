/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/bzimage.h"

#include <string.h>

#include "base/align.h"
#include "base/ckd.h"
#include "base/cursor.h"

enum {
	SECTOR = 512,
	PARAGRAPH = 16,
	LOADED_HIGH = 1 << 0,
	SETUP_AT = 0x90000, /* where the setup code lay before it became movable */
	ENTRY64_OFF = 0x200,
};

#define HIGH_LOAD           0x100000u
#define OLD_INITRD_ADDR_MAX 0x37ffffffu
#define OLD_CMDLINE_SIZE    255u

/* Where the last field of each protocol version ends: boot.rst, "The header looks like". */
static uint32_t header_needs(uint16_t version)
{
	static const struct {
		uint16_t version;
		uint16_t end;
	} ends[] = {
		{0x20f, 0x26c}, {0x20b, 0x268}, {0x20a, 0x264}, {0x209, 0x258},
		{0x208, 0x250}, {0x207, 0x248}, {0x206, 0x23c}, {0x205, 0x235},
		{0x203, 0x230}, {0x202, 0x22c}, {0x201, 0x226},
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (version >= ends[i].version)
			return ends[i].end;
	return 0x224;
}

/* A field that @since introduced; @otherwise in an older header. */
static uint64_t field(const struct image *m, uint16_t since, uint32_t at, unsigned bytes,
		      uint64_t otherwise)
{
	struct cursor c = cursor_le(m->file, at);

	return m->bz.protocol >= since ? cursor_uint(&c, bytes) : otherwise;
}

static int read_extent(struct image *m, struct err *err)
{
	struct span f = m->file;
	struct cursor c = cursor_le(f, BZ_SETUP_SECTS);
	uint8_t sects = cursor_u8(&c);

	c = cursor_le(f, BZ_BOOT_FLAG);
	uint16_t flag = cursor_u16(&c);
	uint8_t jump = cursor_u8(&c), over = cursor_u8(&c);

	if (flag != 0xaa55)
		return fail_at(err, EBADMSG, BZ_BOOT_FLAG, "boot flag at 0x1fe is 0x%x, not 0xaa55",
			       flag);
	/* A short jump over the header; its signed offset doubles as the header's length. */
	if (jump != 0xeb || over > 0x7f)
		return fail_at(err, EBADMSG, BZ_JUMP,
			       "no short jump over the setup header at 0x200");
	m->bz.header_end = BZ_MAGIC + over;
	if (m->bz.header_end < header_needs(m->bz.protocol))
		return fail_at(err, EBADMSG, BZ_JUMP + 1,
			       "setup header ends at 0x%x, protocol %u.%02u needs 0x%x",
			       m->bz.header_end, m->bz.protocol >> 8, m->bz.protocol & 0xff,
			       header_needs(m->bz.protocol));
	m->bz.setup_bytes = (sects ? sects + 1u : 5u) * SECTOR;
	if (m->bz.setup_bytes < m->bz.header_end)
		return fail_at(err, EBADMSG, BZ_SETUP_SECTS, "setup code ends inside its header");
	if (f.len <= m->bz.setup_bytes)
		return fail_at(err, EBADMSG, f.len,
			       "setup code of 0x%x bytes reaches the end of the file at 0x%zx",
			       m->bz.setup_bytes, f.len);
	return 0;
}

/* The last paragraph may be partly filled: the field counts whole ones. Useless before 2.04. */
static int check_size(const struct image *m, struct err *err)
{
	uint64_t size = field(m, 0x204, BZ_SYSSIZE, 4, 0) * PARAGRAPH;
	uint64_t have = m->file.len - m->bz.setup_bytes;

	if (size >= have + PARAGRAPH)
		return fail_at(err, EBADMSG, m->file.len,
			       "file ends at 0x%zx, its header says 0x%llx", m->file.len,
			       (unsigned long long)(m->bz.setup_bytes + size));
	return 0;
}

static int read_constraints(struct image *m, struct err *err)
{
	struct bzimage *bz = &m->bz;
	uint64_t end;

	bz->initrd_addr_max = field(m, 0x203, BZ_INITRD_ADDR_MAX, 4, OLD_INITRD_ADDR_MAX);
	bz->kernel_alignment = (uint32_t)field(m, 0x205, BZ_KERNEL_ALIGNMENT, 4, 0);
	bz->relocatable = field(m, 0x205, BZ_RELOCATABLE, 1, 0) != 0;
	bz->xloadflags = (uint16_t)field(m, 0x20c, BZ_XLOADFLAGS, 2, 0);
	bz->cmdline_size = (uint32_t)field(m, 0x206, BZ_CMDLINE_SIZE, 4, OLD_CMDLINE_SIZE);
	bz->pref_address = field(m, 0x20a, BZ_PREF_ADDRESS, 8, HIGH_LOAD);
	bz->init_size = field(m, 0x20a, BZ_INIT_SIZE, 4, 0);
	if (!bz->pref_address)
		bz->pref_address = HIGH_LOAD;

	if (bz->relocatable && !align_ok(bz->kernel_alignment))
		return fail_at(err, EBADMSG, BZ_KERNEL_ALIGNMENT,
			       "kernel_alignment 0x%x at 0x230 is no power of two",
			       bz->kernel_alignment);
	if (ckd_add(&end, bz->pref_address, bz->init_size))
		return fail_at(err, EBADMSG, BZ_PREF_ADDRESS,
			       "pref_address 0x%llx at 0x258 leaves no room for the kernel",
			       (unsigned long long)bz->pref_address);
	return 0;
}

static int read_payload(struct image *m, struct err *err)
{
	uint64_t off = field(m, 0x208, BZ_PAYLOAD_OFFSET, 4, 0);
	uint64_t len = field(m, 0x208, BZ_PAYLOAD_LENGTH, 4, 0);
	struct span code = span_from(m->file, m->bz.setup_bytes);
	struct span payload = span_sub(code, off, len);

	if (!off || !len)
		return 0;
	if (!payload.ptr)
		return fail_at(err, EBADMSG, BZ_PAYLOAD_OFFSET,
			       "payload of 0x%llx bytes at 0x%llx runs off the file's 0x%zx bytes",
			       (unsigned long long)len,
			       (unsigned long long)(m->bz.setup_bytes + off), m->file.len);
	m->payload_off = m->bz.setup_bytes + off;
	m->payload_size = len;
	m->compression = image_compression_of(payload);
	/*
	 * Linux scripts/Makefile.lib appends the size to every format but gzip, which ends with it
	 * by itself (RFC 1952 ISIZE).
	 */
	struct cursor c = cursor_le(payload, len < 4 ? 0 : len - 4);
	uint32_t size = cursor_u32(&c);

	if (m->compression == COMP_NONE)
		m->unpacked_size = len;
	else if (m->compression != COMP_UNKNOWN)
		m->unpacked_size = size;
	return 0;
}

/* The release is the banner's first word. A pointer that leads nowhere harms nobody: unknown. */
static void read_version(struct image *m)
{
	uint64_t off = field(m, 0x200, BZ_KERNEL_VERSION, 2, 0);
	struct span setup = span_sub(m->file, 0, m->bz.setup_bytes);
	struct span text = span_from(setup, 0x200 + off);
	size_t n = 0;

	while (n < text.len && text.ptr[n] > ' ' && text.ptr[n] < 0x7f)
		n++;
	if (!off || !n || n == text.len || n >= sizeof(m->version))
		return;
	if (text.ptr[n] && text.ptr[n] != ' ')
		return;
	memcpy(m->version, text.ptr, n);
}

static void conclude(struct image *m)
{
	const struct bzimage *bz = &m->bz;
	bool is64 = bz->xloadflags & XLF_KERNEL_64;
	uint64_t code = m->file.len - bz->setup_bytes;

	m->arch = is64 ? "x86_64" : "i386";
	m->bits = is64 ? 64 : 32;
	m->relocatable = bz->relocatable;
	m->how = bz->relocatable ? HOW_SELF : HOW_FIXED;
	m->align = bz->relocatable ? bz->kernel_alignment : 1;
	m->preferred = bz->pref_address;
	m->limit_min = bz->pref_address; /* from below it moves itself up to there */
	m->limit_max = is64 && bz->xloadflags & XLF_CAN_BE_LOADED_ABOVE_4G ? 0 : UINT32_MAX;
	m->footprint_unpacking = bz->init_size > code ? bz->init_size : code;
	if (bz->protocol < 0x20a)
		m->footprint_unpacking = 0;
	m->entry32 = m->preferred;
	m->entry64 = is64 ? m->preferred + ENTRY64_OFF : 0;
	m->entry16 = SETUP_AT + 0x200;
}

int bzimage_parse(struct span file, struct image *out, struct err *err)
{
	struct image m = {.format = IMAGE_BZIMAGE, .file = file};
	struct span magic = span_sub(file, BZ_MAGIC, 4);
	struct cursor c = cursor_le(file, BZ_VERSION);
	int r;

	if (!magic.ptr || memcmp(magic.ptr, "HdrS", 4))
		return -ENOEXEC;
	m.bz.protocol = cursor_u16(&c);
	cursor_skip(&c, BZ_LOADFLAGS - BZ_VERSION - 2);
	m.bz.loaded_high = cursor_u8(&c) & LOADED_HIGH;
	if (c.bad)
		return fail_at(err, EBADMSG, file.len, "file ends in its setup header at 0x%zx",
			       file.len);
	if (m.bz.protocol < 0x200)
		return fail_at(err, ENOTSUP, BZ_VERSION, "boot protocol 0x%04x is older than 2.00",
			       m.bz.protocol);
	if (!m.bz.loaded_high)
		return fail_at(err, ENOTSUP, BZ_LOADFLAGS,
			       "a zImage, loaded below 1 MiB: only bzImages can be loaded");
	r = read_extent(&m, err);
	if (!r)
		r = check_size(&m, err);
	if (!r)
		r = read_constraints(&m, err);
	if (!r)
		r = read_payload(&m, err);
	if (r)
		return r;
	read_version(&m);
	conclude(&m);
	*out = m;
	return 0;
}
