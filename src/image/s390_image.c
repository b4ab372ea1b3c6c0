/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/s390_image.h"

#include <string.h>

#include "base/align.h"
#include "base/cursor.h"
#include "base/put.h"
#include "image/stream.h"

enum {
	LEGACY_CMDLINE = 896,
	PLAIN_AT = 0x100000, /* CONFIG_KERNEL_UNCOMPRESSED: the kernel itself */
	DECOMPRESSOR_MAX = 1 << 20,
	TRAILER = 32, /* sb.trailer, for secure IPL, ends the file */
	RATIO = 16,   /* a kernel unpacks to less than this many times its size */
	PAGE = 4096,
	LMA_MAX = 16 << 20,
	BSS_MAX = 256 << 20,
};

static enum image_compression find_stream(struct span file, uint64_t from, uint64_t *at)
{
	uint64_t size = file.len < from + DECOMPRESSOR_MAX ? file.len : from + DECOMPRESSOR_MAX;
	size_t found = (size_t)from;
	enum image_compression comp = stream_find(span_sub(file, 0, size), &found);

	*at = found;
	return comp;
}

/*
 * Behind the stream stands the unpacked size, 4 bytes little-endian, then zeros up to the trailer;
 * so the size's own highest bytes may be what the zeros begin with. Only one reading is likely.
 */
static void find_end(struct image *m)
{
	const uint8_t *p = m->file.ptr;
	uint64_t end = m->file.len > TRAILER ? m->file.len - TRAILER : 0;

	/* What looks like a stream may stand in the trailer. */
	if (end < m->payload_off)
		end = m->payload_off;
	while (end > m->payload_off && !p[end - 1])
		end--;
	m->payload_size = end - m->payload_off;
	for (uint64_t e = end; e < end + 3 && e <= m->file.len && e - m->payload_off > 4; e++) {
		uint64_t said = get_le(p + e - 4, 4);

		if (said <= e - m->payload_off || said / RATIO > e - m->payload_off)
			continue;
		m->unpacked_size = said;
		m->payload_size = e - m->payload_off;
		return;
	}
}

/* decompressor.c: its heap, behind the image. */
static uint64_t heap(enum image_compression c)
{
	return c == COMP_BZIP2 ? 0x400000 : c == COMP_ZSTD ? 0x30000 : 0x10000;
}

/*
 * startup.c, mem_safe_offset(): image, heap, unpacked kernel; what a newer kernel takes besides,
 * its bss first of all, nothing tells: an eighth and 1 MiB.
 */
static void find_payload(struct image *m)
{
	uint64_t end = align_up(m->file.len, PAGE), at;
	enum image_compression comp = find_stream(m->file, S390_CMDLINE + m->s390.cmdline_max, &at);

	m->guessed = true;
	if (comp) {
		m->compression = comp;
		m->payload_off = at;
		find_end(m);
		if (m->unpacked_size)
			m->footprint_unpacking = end + heap(comp) +
						 align_up(m->unpacked_size, PAGE) +
						 align_up(m->unpacked_size / 8, PAGE) + (1 << 20);
	} else if (m->file.len > 2 * PLAIN_AT) {
		m->compression = COMP_NONE;
		m->footprint_unpacking = end + align_up(end / 8, PAGE) + (1 << 20);
	}
}

/*
 * struct vmlinux_info of arch/s390/boot/boot.h, filled by arch/s390/kernel/vmlinux.lds.S since
 * Linux 5.1: address, entry, size without bss, size of bss. It lies somewhere before the payload,
 * and its size is that of what unpacks, which lacks the padding at the end.
 */
static void find_info(struct image *m)
{
	uint64_t end = m->payload_size ? m->payload_off : 0, size = m->unpacked_size;

	for (uint64_t at = S390_ENTRY; at + 32 <= end && size; at += 8) {
		uint64_t lma = get_be(m->file.ptr + at, 8), entry = get_be(m->file.ptr + at + 8, 8);
		uint64_t image = get_be(m->file.ptr + at + 16, 8);
		uint64_t bss = get_be(m->file.ptr + at + 24, 8);

		if (lma < S390_ENTRY || lma > LMA_MAX || entry < lma || entry - lma >= size ||
		    image < size || image - size >= PAGE || bss > BSS_MAX)
			continue;
		m->footprint_running = lma + image + bss;
		if (m->footprint_unpacking < m->footprint_running)
			m->footprint_unpacking = m->footprint_running;
		return;
	}
}

/* "6.1.0-50-s390x (debian-kernel@…) #1 …" */
static void read_version(struct image *m)
{
	struct cursor c = cursor_be(m->file, S390_VERSION_AT);
	struct span text = span_from(m->file, cursor_u64(&c));
	size_t n = 0;

	while (n < text.len && text.ptr[n] > ' ' && text.ptr[n] < 0x7f)
		n++;
	if (n && n < text.len && n < sizeof(m->version) && text.ptr[n] <= ' ')
		memcpy(m->version, text.ptr, n);
}

/*
 * Whether the kdump entry leads to a kernel that has CONFIG_CRASH_DUMP. Without it head_kdump.S has
 * a disabled wait there: larl %r13,...; lpswe 0(%r13). What looks like neither may well be new
 * code.
 */
static bool has_kdump(struct span file)
{
	const uint8_t *jump = file.ptr + S390_ENTRY_KDUMP;
	int64_t halfwords =
		jump[0] == 0xa7 ? (int16_t)get_be(jump + 2, 2) : (int32_t)get_be(jump + 2, 4);
	struct span at = span_sub(file, (uint64_t)(S390_ENTRY_KDUMP + 2 * halfwords), 10);

	if ((jump[0] != 0xa7 && jump[0] != 0xc0) || jump[1] != 0xf4)
		return false;
	return at.ptr &&
	       !(at.ptr[0] == 0xc0 && at.ptr[1] == 0xd0 && get_be(at.ptr + 6, 4) == 0xb2b2d000);
}

int s390_image_parse(struct span file, struct image *out, struct err *err)
{
	struct image m = {.format = IMAGE_S390_IMAGE, .file = file, .arch = "s390x", .bits = 64};
	struct span magic = span_sub(file, S390_MAGIC, 6);
	struct cursor c = cursor_be(file, S390_CMDLINE_MAX);

	if (!magic.ptr || memcmp(magic.ptr, "S390EP", 6))
		return -ENOEXEC;
	m.s390.cmdline_max = cursor_u64(&c);
	if (c.bad || file.len < S390_CMDLINE)
		return fail_at(err, EBADMSG, file.len, "file ends in its parameter area at 0x%zx",
			       file.len);
	if (!m.s390.cmdline_max)
		m.s390.cmdline_max = LEGACY_CMDLINE;
	if (m.s390.cmdline_max > file.len - S390_CMDLINE)
		return fail_at(err, EBADMSG, S390_CMDLINE_MAX,
			       "command line of %llu bytes at 0x%x runs off the image",
			       (unsigned long long)m.s390.cmdline_max, S390_CMDLINE);
	m.s390.kdump = has_kdump(file);
	m.big = true;
	m.align = 1;
	m.how = HOW_FIXED;
	m.entry64 = S390_ENTRY;
	find_payload(&m);
	find_info(&m);
	read_version(&m);
	*out = m;
	return 0;
}
