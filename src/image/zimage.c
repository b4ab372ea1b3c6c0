/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/zimage.h"

#include <string.h>

#include "base/ckd.h"
#include "base/cursor.h"
#include "image/arm_image.h"
#include "image/inside.h"
#include "image/stream.h"

enum {
	MAX_TAGS = 64,
	/*
	 * Behind the moved image: its bss, a stack of 4 KiB, and the relocation code rounded up to
	 * 256 bytes (head.S, "Relocate ourselves past the end of the decompressed kernel").
	 */
	SCRATCH = 0x10000,
	OLD_MALLOC_SIZE = 0x10000,     /* what every kernel before the tag of 6 words uses */
	HIGHEST_TEXT_OFFSET = 0x308000 /* arch/arm/Makefile: CONFIG_ARCH_AXXIA */
};

/* The footprints, from the start of RAM; @low is where the kernel unpacks to. */
static void conclude(struct image *m, uint64_t low, uint64_t bss)
{
	const struct zimage *zi = &m->zi;
	uint64_t kernel = low + m->unpacked_size;

	m->footprint_running = kernel + bss;
	m->footprint_unpacking = kernel + zi->image_size + zi->malloc_size + SCRATCH;
	if (m->footprint_unpacking < m->footprint_running)
		m->footprint_unpacking = m->footprint_running;
}

/*
 * 2 words in Linux 4.15 (one too few: it has a payload of two), 4 since then, 6 since 5.12. @words
 * is what the tag says of itself, its first two included.
 */
static int read_sizes(struct image *m, size_t tag, uint32_t words, struct err *err)
{
	struct zimage *zi = &m->zi;
	struct cursor c = cursor_le(m->file, tag + 8);
	uint32_t size_at = cursor_u32(&c);

	zi->bss_size = cursor_u32(&c);
	zi->text_offset = words >= 5 ? cursor_u32(&c) : 0;
	zi->malloc_size = words >= 6 ? cursor_u32(&c) : OLD_MALLOC_SIZE;
	if (c.bad)
		return fail_at(err, EBADMSG, tag, "size tag at 0x%zx runs off the image", tag);
	struct cursor at = cursor_le(span_sub(m->file, 0, zi->image_size), size_at);
	m->unpacked_size = cursor_u32(&at);
	if (at.bad || !m->unpacked_size)
		return fail_at(err, EBADMSG, tag, "size tag at 0x%zx points at no size, 0x%x", tag,
			       size_at);

	m->guessed = words < 5;
	conclude(m, words >= 5 ? zi->text_offset : HIGHEST_TEXT_OFFSET, zi->bss_size);
	return 0;
}

/* Tags are { words, id, payload... }, closed by words == 0. No size tag is no error. */
static int read_tags(struct image *m, uint32_t table, struct err *err)
{
	struct span img = span_sub(m->file, 0, m->zi.image_size);
	struct cursor c = cursor_le(img, table);

	for (unsigned i = 0; i < MAX_TAGS; i++) {
		size_t here = c.pos;
		uint32_t words = cursor_u32(&c), id = words ? cursor_u32(&c) : 0;

		if (c.bad)
			return fail_at(err, EBADMSG, table,
				       "tag table at 0x%x runs off the image's 0x%zx bytes", table,
				       img.len);
		if (!words)
			return 0;
		if (id == ZI_TAG_SIZES)
			return read_sizes(m, here, words, err);
		c = cursor_le(img, here + (words < 2 ? 2 : (uint64_t)words) * 4);
	}
	return fail_at(err, EBADMSG, table, "tag table at 0x%x has no end", table);
}

static int read_header(struct image *m, struct err *err)
{
	struct cursor c = cursor_le(m->file, ZI_START);
	uint32_t start = cursor_u32(&c), end = cursor_u32(&c), mark = cursor_u32(&c);

	if (c.bad)
		return fail_at(err, EBADMSG, m->file.len, "file ends in its header at 0x%zx",
			       m->file.len);
	if (mark != 0x04030201 && mark != 0x01020304)
		return fail_at(err, EBADMSG, ZI_ENDIAN, "0x%08x at 0x30 is no byte order", mark);
	if (end < start || end - start <= ZI_ENDIAN + 4)
		return fail_at(err, EBADMSG, ZI_END, "image from 0x%x to 0x%x has no room for code",
			       start, end);
	if (end - start > m->file.len)
		return fail_at(err, EBADMSG, m->file.len,
			       "file ends at 0x%zx, its header says 0x%x", m->file.len,
			       end - start);
	m->big = mark == 0x01020304;
	m->zi.start = start;
	m->zi.image_size = end - start;
	return 0;
}

int zimage_parse(struct span file, struct image *out, struct err *err)
{
	struct image m = {.format = IMAGE_ZIMAGE, .file = file, .arch = "arm", .bits = 32};
	struct cursor c = cursor_le(file, ZI_MAGIC);
	int r;

	if (cursor_u32(&c) != ZI_MAGIC_WORD)
		return -ENOEXEC;
	r = read_header(&m, err);
	if (r)
		return r;
	c = cursor_le(span_sub(file, 0, m.zi.image_size), ZI_MAGIC2);
	/* An older kernel has code there. */
	if (cursor_u32(&c) == ZI_MAGIC2_WORD)
		r = read_tags(&m, cursor_u32(&c), err);
	if (r)
		return r;
	m.relocatable = !m.zi.start;
	m.how = m.relocatable ? HOW_SELF : HOW_FIXED;
	m.preferred = m.zi.start;
	m.entry32 = m.zi.start;
	m.align = 4;
	m.limit_max = UINT32_MAX;
	*out = m;
	return 0;
}

enum {
	LEAST_KERNEL = 64 << 10, /* what unpacks to less is something else that looks alike */
	MOST_KERNEL = 120 << 20, /* a kernel must fit the decompressor's block of 128 MiB */
	TRIES = 8, /* of what looks like one: each may unpack to that much in vain */
};

/* True if the bytes of @m from @at on unpack to a kernel. */
static bool try_payload(struct image *m, enum image_compression comp, size_t at, struct buf *kernel)
{
	struct span image = span_sub(m->file, 0, m->zi.image_size);
	struct err ignored = ERR_INIT;
	size_t used = 0;

	kernel->len = 0;
	if (codec_unpack(image_codec(comp), span_from(image, at), MOST_KERNEL, kernel,
			 &used, &ignored) ||
	    kernel->len < LEAST_KERNEL)
		return false;
	m->compression = comp;
	m->payload_off = at;
	m->payload_size = used;
	return true;
}

static bool find_payload(struct image *m, struct buf *kernel)
{
	struct span image = span_sub(m->file, 0, m->zi.image_size);
	size_t at = 0;

	for (unsigned n = 0; n < TRIES; n++, at++) {
		enum image_compression comp = stream_find(image, &at);

		if (!comp)
			return false;
		if (try_payload(m, comp, at, kernel))
			return true;
	}
	return false;
}

/*
 * A kernel before Linux 4.15 has no tag. What it unpacks to is an Image, whose start-up code tells
 * where it wants to lie and where its bss ends.
 */
static void size_up(struct image *m, struct span kernel)
{
	struct image inner;

	m->unpacked_size = kernel.len;
	m->zi.malloc_size = OLD_MALLOC_SIZE;
	if (arm_image_parse(kernel, &inner, NULL)) {
		m->guessed = true;
		conclude(m, HIGHEST_TEXT_OFFSET, ZI_BSS_GUESS);
		return;
	}
	m->zi.bss_size = (uint32_t)(inner.li.image_size - kernel.len);
	m->zi.text_offset = (uint32_t)inner.li.text_offset;
	conclude(m, m->zi.text_offset, m->zi.bss_size);
}

int zimage_unpack(struct image *m, struct buf *kernel, struct err *err)
{
	if (!find_payload(m, kernel))
		return fail(err, ENOTSUP, "no kernel in it can be unpacked here");
	image_read_banner(m, buf_span(kernel));
	if (!m->footprint_running)
		size_up(m, buf_span(kernel));
	return 0;
}

int zimage_measure(struct image *m, struct err *err)
{
	struct buf kernel = BUF_INIT;
	int r = zimage_unpack(m, &kernel, err);

	buf_done(&kernel);
	return r;
}
