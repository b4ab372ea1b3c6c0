/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lzo: the container of lzop 1.x (its only specification is the program; Linux
 * lib/decompress_unlzo.c reads a part of it). Integers are big-endian. docs/formats/compression.md.
 */
#include <lzo/lzo1x.h>
#include <string.h>

#include "base/cursor.h"
#include "codec/member.h"

enum {
	BLOCK_MAX = 64 << 20,
	HAS_FIELDS_OF_0940 = 0x0940,
	READABLE = 0x1040,	/* version_needed of the newest known format */
	LZO1X_LAST = 3,		/* methods 1 to 3 unpack alike */
	CHECKSUM_INIT_ADLER = 1, /* RFC 1950 */
};

/* Flags of the header. */
#define ADLER32_PLAIN  (1u << 0)
#define ADLER32_PACKED (1u << 1)
#define EXTRA_FIELD    (1u << 6)
#define CRC32_PLAIN    (1u << 8)
#define CRC32_PACKED   (1u << 9)
#define MULTIPART      (1u << 10)
#define FILTER	       (1u << 11)
#define HEADER_CRC32   (1u << 12)

static uint32_t sum(bool crc, struct span s)
{
	return crc ? lzo_crc32(0, s.ptr, s.len) : lzo_adler32(CHECKSUM_INIT_ADLER, s.ptr, s.len);
}

/* The bytes since @from, and the checksum that follows them. */
static bool sum_follows(struct cursor *c, size_t from, bool crc)
{
	struct span s = span_sub(c->in, from, c->pos - from);
	uint32_t want = cursor_u32(c);

	return !c->bad && sum(crc, s) == want;
}

static int header(struct cursor *c, uint32_t *flags, struct err *err)
{
	static const uint8_t magic[9] = {0x89, 'L', 'Z', 'O', 0, 0x0d, 0x0a, 0x1a, 0x0a};
	struct span got = cursor_take(c, sizeof(magic));
	size_t from = c->pos;
	uint16_t version = cursor_u16(c), needed = 0;

	cursor_skip(c, 2); /* the library's version */
	if (version >= HAS_FIELDS_OF_0940)
		needed = cursor_u16(c);
	uint8_t method = cursor_u8(c);

	cursor_skip(c, version >= HAS_FIELDS_OF_0940); /* level */
	*flags = cursor_u32(c);
	cursor_skip(c, *flags & FILTER ? 4 : 0);
	cursor_skip(c, version >= HAS_FIELDS_OF_0940 ? 12 : 8); /* mode, time */
	cursor_skip(c, cursor_u8(c));				/* name */
	bool sound = sum_follows(c, from, *flags & HEADER_CRC32);

	if (c->bad)
		return codec_cut(err, "lzo");
	if (memcmp(got.ptr, magic, sizeof(magic)) || !sound)
		return codec_damaged(err, "lzo", c->pos);
	if (!method || method > LZO1X_LAST || needed > READABLE || *flags & (FILTER | MULTIPART))
		return fail(err, ENOTSUP, "lzop file of an unknown kind");
	if (!(*flags & EXTRA_FIELD))
		return 0;
	from = c->pos;
	cursor_skip(c, cursor_u32(c));
	return sum_follows(c, from, *flags & HEADER_CRC32) ? 0 : codec_damaged(err, "lzo", c->pos);
}

/* The checksums before a block's bytes, in their order; those not in the file are not compared. */
struct sums {
	bool has_adler, has_crc;
	uint32_t adler, crc;
};

static struct sums read_sums(struct cursor *c, bool adler, bool crc)
{
	struct sums s = {adler, crc, 0, 0};

	if (adler)
		s.adler = cursor_u32(c);
	if (crc)
		s.crc = cursor_u32(c);
	return s;
}

static bool sums_match(struct sums s, struct span data)
{
	return (!s.has_adler || sum(false, data) == s.adler) &&
	       (!s.has_crc || sum(true, data) == s.crc);
}

static int unpack_block(struct span from, size_t plain, struct codec_out *o, struct err *err)
{
	lzo_uint n = plain;
	size_t room;
	uint8_t *to;

	if (plain > o->limit - (o->buf->len - o->start))
		return fail(err, EFBIG, "unpacks to more than %llu bytes",
			    (unsigned long long)o->limit);
	to = codec_room(o, plain, &room);
	if (!to)
		return codec_no_memory(err);
	if (from.len == plain)
		memcpy(to, from.ptr, plain);
	else if (lzo1x_decompress_safe(from.ptr, from.len, to, &n, NULL) != LZO_E_OK || n != plain)
		return -EBADMSG;
	return codec_wrote(o, plain, err);
}

/* 1: go on | 0: that was the end mark. */
static int block(struct cursor *c, uint32_t flags, struct codec_out *o, struct err *err)
{
	uint32_t plain = cursor_u32(c), packed = plain ? cursor_u32(c) : 0;
	struct sums of_plain = {0}, of_packed = {0};
	struct span from, to;
	int r;

	if (!plain && !c->bad)
		return 0;
	of_plain = read_sums(c, flags & ADLER32_PLAIN, flags & CRC32_PLAIN);
	if (packed < plain)
		of_packed = read_sums(c, flags & ADLER32_PACKED, flags & CRC32_PACKED);
	if (plain > BLOCK_MAX || packed > plain)
		return c->bad ? codec_cut(err, "lzo") : codec_damaged(err, "lzo", c->pos);
	from = cursor_take(c, packed);
	if (c->bad)
		return codec_cut(err, "lzo");
	r = sums_match(of_packed, from) ? unpack_block(from, plain, o, err) : -EBADMSG;
	to = span_sub(buf_span(o->buf), o->buf->len - (r ? 0 : plain), r ? 0 : plain);
	if (r == -EBADMSG || (!r && !sums_match(of_plain, to)))
		return codec_damaged(err, "lzo", c->pos);
	return r ? r : 1;
}

int codec_lzo(struct span in, struct codec_out *o, size_t *pos, struct err *err)
{
	struct cursor c = cursor_be(in, *pos);
	uint32_t flags = 0;
	int r = header(&c, &flags, err);

	if (!r)
		do
			r = block(&c, flags, o, err);
		while (r > 0);
	if (!r)
		*pos = c.pos;
	return r;
}
