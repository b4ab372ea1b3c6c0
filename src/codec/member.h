/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What codec.c and the file of each library share. */
#pragma once
#include <limits.h>
#include "codec/codec.h"

/* Where the output goes. */
struct codec_out {
	struct buf *buf;
	size_t start; /* what @buf held before */
	uint64_t limit;
	codec_wanted *wanted; /* NULL: all of it */
};

/* codec_wrote(): enough. Never leaves codec.c. */
#define CODEC_ENOUGH (-ECANCELED)

/*
 * Unpack one stream that starts at *@pos of @in; on success *@pos lies behind it. 0 or a negative
 * errno as codec_unpack.
 */
typedef int codec_member(struct span in, struct codec_out *o, size_t *pos, struct err *err);

codec_member codec_gzip, codec_xz, codec_lzma, codec_zstd, codec_lz4, codec_lzo, codec_bzip2;

/*
 * Room behind the output for at least @least bytes, *@room for how many; NULL: no memory. It ends
 * one byte behind the limit (or @least), so that codec_wrote() sees a stream that goes on.
 */
uint8_t *codec_room(struct codec_out *o, size_t least, size_t *room);
/* @n bytes were written there. 0 | -EFBIG | CODEC_ENOUGH */
int codec_wrote(struct codec_out *o, size_t n, struct err *err);

int codec_damaged(struct err *err, const char *name, size_t pos); /* -EBADMSG */
int codec_cut(struct err *err, const char *name);                 /* -EBADMSG */
int codec_no_memory(struct err *err);

/* What fits a library that counts in unsigned int. */
static inline unsigned codec_uint(size_t n)
{
	return n > UINT_MAX ? UINT_MAX : (unsigned)n;
}
