/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/codec.h"

#include <string.h>

#include "codec/member.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum {
	ROOM = 256 << 10,
	STEP = 1 << 20, /* between two questions whether it is enough */
	LIKELY = 8,     /* times its size a kernel unpacks to, at most */
	LARGE = 1 << 20,
};

static const struct {
	const char *name;
	codec_member *member;
} codecs[CODEC_COUNT] = {
	[CODEC_GZIP] = {"gzip",
#ifdef CODEC_ZLIB
			codec_gzip
#endif
	},
	[CODEC_XZ] = {"xz",
#ifdef CODEC_LIBLZMA
		      codec_xz
#endif
	},
	[CODEC_LZMA] = {"lzma",
#ifdef CODEC_LIBLZMA
			codec_lzma
#endif
	},
	[CODEC_ZSTD] = {"zstd",
#ifdef CODEC_LIBZSTD
			codec_zstd
#endif
	},
	[CODEC_LZ4] = {"lz4",
#ifdef CODEC_LIBLZ4
		       codec_lz4
#endif
	},
	[CODEC_LZO] = {"lzo",
#ifdef CODEC_LZO2
		       codec_lzo
#endif
	},
	[CODEC_BZIP2] = {"bzip2",
#ifdef CODEC_BZ2
			 codec_bzip2
#endif
	},
};

const char *codec_name(enum codec c)
{
	return (size_t)c < COUNT(codecs) ? codecs[c].name : NULL;
}

bool codec_built(enum codec c)
{
	return (size_t)c < COUNT(codecs) && codecs[c].member;
}

enum codec codec_probe(struct span in)
{
	static const struct {
		uint8_t magic[4];
		uint8_t len;
		uint8_t codec;
	} known[] = {
		{{0x1f, 0x8b}, 2, CODEC_GZIP},
		{{0xfd, '7', 'z', 'X'}, 4, CODEC_XZ},
		{{0x28, 0xb5, 0x2f, 0xfd}, 4, CODEC_ZSTD},
		{{0x02, 0x21, 0x4c, 0x18}, 4, CODEC_LZ4},
		{{0x04, 0x22, 0x4d, 0x18}, 4, CODEC_LZ4},
		{{0x89, 'L', 'Z', 'O'}, 4, CODEC_LZO},
		{{'B', 'Z', 'h'}, 3, CODEC_BZIP2},
		/* lc = 3, lp = 0, pb = 2, as everybody packs; a dictionary of 64 KiB or more. */
		{{0x5d, 0, 0}, 3, CODEC_LZMA},
	};

	for (size_t i = 0; i < COUNT(known); i++)
		if (in.len >= known[i].len && !memcmp(in.ptr, known[i].magic, known[i].len))
			return known[i].codec;
	return CODEC_UNKNOWN;
}

uint8_t *codec_room(struct codec_out *o, size_t least, size_t *room)
{
	uint64_t left = o->limit - (o->buf->len - o->start);

	if (buf_reserve(o->buf, least > ROOM ? least : ROOM) < 0)
		return NULL;
	*room = o->buf->cap - 1 - o->buf->len;
	if (*room > left)
		*room = (size_t)left + 1;
	if (o->wanted && *room > STEP)
		*room = STEP;
	if (*room < least)
		*room = least;
	return o->buf->ptr + o->buf->len;
}

int codec_wrote(struct codec_out *o, size_t n, struct err *err)
{
	o->buf->len += n;
	o->buf->ptr[o->buf->len] = 0;
	if (o->buf->len - o->start > o->limit)
		return fail(err, EFBIG, "unpacks to more than %llu bytes",
			    (unsigned long long)o->limit);
	if (o->wanted && o->wanted(span_from(buf_span(o->buf), o->start)) <= o->buf->len - o->start)
		return CODEC_ENOUGH;
	return 0;
}

int codec_damaged(struct err *err, const char *name, size_t pos)
{
	return fail(err, EBADMSG, "%s stream is damaged before byte 0x%zx", name, pos);
}

int codec_cut(struct err *err, const char *name)
{
	return fail(err, EBADMSG, "%s stream has no end", name);
}

int codec_no_memory(struct err *err)
{
	return fail(err, ENOMEM, "no memory to unpack");
}

/* Another stream of the format, close behind the last: all of them may be concatenated. */
static bool goes_on(enum codec c, struct span in, size_t pos)
{
	return c != CODEC_LZMA && codec_probe(span_from(in, pos)) == c;
}

/*
 * Room at once, of which only what is written becomes memory: growing costs more than unpacking
 * does with the fastest formats. Where there is none, or too little, it grows.
 */
static void guess_room(struct codec_out *o, size_t packed)
{
	uint64_t likely = (uint64_t)packed * LIKELY;

	if (likely > o->limit)
		likely = o->limit;
	if (packed >= LARGE && likely < SIZE_MAX - CODEC_SLACK &&
	    !buf_reserve(o->buf, (size_t)likely + CODEC_SLACK))
		buf_use_huge_pages(o->buf);
}

static int unpack(enum codec c, struct span in, struct codec_out *o, size_t *used, struct err *err)
{
	struct buf *out = o->buf;
	size_t pos = 0;
	int r;

	if (!codec_name(c))
		return fail(err, ENOTSUP, "no compression that we know");
	if (!codec_built(c))
		return fail(err, ENOTSUP, "this build cannot unpack %s", codec_name(c));
	guess_room(o, in.len);
	do
		r = codecs[c].member(in, o, &pos, err);
	while (!r && goes_on(c, in, pos));
	if (r == CODEC_ENOUGH)
		return 0;
	if (r) {
		out->len = o->start;
		if (out->ptr)
			out->ptr[out->len] = 0;
		return r;
	}
	*used = pos;
	return 0;
}

int codec_unpack(enum codec c, struct span in, uint64_t limit, struct buf *out, size_t *used,
		 struct err *err)
{
	struct codec_out o = {out, out->len, limit, NULL};

	return unpack(c, in, &o, used, err);
}

int codec_unpack_head(enum codec c, struct span in, uint64_t limit, codec_wanted *wanted,
		      struct buf *out, struct err *err)
{
	struct codec_out o = {out, out->len, limit, wanted};
	size_t used;

	return unpack(c, in, &o, &used, err);
}
