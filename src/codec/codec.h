/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table of decompressors over the real libraries. What the build lacked is known by name and
 * told apart from damage. Formats and where they are specified: docs/formats/compression.md.
 */
#pragma once
#include <stdbool.h>
#include "base/span.h"
#include "core/buf.h"
#include "core/err.h"

enum codec {
	CODEC_UNKNOWN,
	CODEC_GZIP,
	CODEC_XZ,
	CODEC_LZMA, /* the .lzma format of old ("alone") */
	CODEC_ZSTD,
	CODEC_LZ4, /* frames, and the legacy format that kernels are built with */
	CODEC_LZO, /* the container of lzop */
	CODEC_BZIP2,
	CODEC_COUNT
};

/* Room behind the last byte with which no decoder wants the buffer to grow (a block of lz4). */
#define CODEC_SLACK (9u << 20)

const char *codec_name(enum codec c); /* "gzip"; NULL for CODEC_UNKNOWN */
bool codec_built(enum codec c);       /* this build has the library */

/* By the first bytes alone. */
enum codec codec_probe(struct span in);

/*
 * Append to @out what @in unpacks to: one stream, and those of the same format that follow without
 * a gap (never for lzma, which has no magic). *@used: bytes of @in that they took; what lies behind
 * is the caller's. The formats that hold checksums are checked by them (not lzma, lz4 legacy).
 *
 * 0 | -ENOTSUP: not in this build, or the stream needs more than the decoder grants | -EBADMSG:
 * damaged or cut | -EFBIG: more than @limit bytes, told before much more was unpacked | -ENOMEM.
 * On failure @out holds what it held, and *@used is untouched.
 */
int codec_unpack(enum codec c, struct span in, uint64_t limit, struct buf *out, size_t *used,
		 struct err *err);

/*
 * Asked again and again while @so_far grows (it moves, too): how many bytes are wanted in all,
 * which may change with what is seen; UINT64_MAX = all.
 */
typedef uint64_t codec_wanted(struct span so_far);

/*
 * The same, but only the head of what @in unpacks to: at least as many bytes as @wanted says, where
 * there are so many. What lies behind is not looked at, nor are the checksums that stand at the
 * end.
 */
int codec_unpack_head(enum codec c, struct span in, uint64_t limit, codec_wanted *wanted,
		      struct buf *out, struct err *err);
