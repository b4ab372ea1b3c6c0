/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lz4: doc/lz4_Frame_format.md of LZ4. Kernels are built with its "legacy frame": blocks of
 * 8 MiB of output, each behind its length, no checksum and no end mark.
 */
#include <lz4.h>
#include <lz4frame.h>

#include "base/cursor.h"
#include "codec/member.h"

enum {
	LEGACY_MAGIC = 0x184c2102,
	LEGACY_BLOCK = 8 << 20,
};

/*
 * One block. 1: another may follow | 0: the last one, for only that may unpack to less than 8 MiB.
 */
static int legacy_block(struct cursor *c, struct codec_out *o, struct err *err)
{
	size_t at = c->pos, room;
	struct span block = cursor_take(c, cursor_u32(c));
	uint8_t *to;
	int n, r;

	if (c->bad || !block.len || block.len > (size_t)LZ4_COMPRESSBOUND(LEGACY_BLOCK))
		return c->bad ? codec_cut(err, "lz4") : codec_damaged(err, "lz4", at);
	to = codec_room(o, LEGACY_BLOCK, &room);
	if (!to)
		return codec_no_memory(err);
	n = LZ4_decompress_safe((const char *)block.ptr, (char *)to, (int)block.len, LEGACY_BLOCK);
	if (n < 0)
		return codec_damaged(err, "lz4", c->pos);
	r = codec_wrote(o, (size_t)n, err);
	return r ? r : n == LEGACY_BLOCK;
}

/*
 * Behind a full block, where nothing says that it is the last: no length of a block, or the size
 * that the kernel's build appends, which stands alone at the end.
 */
static bool ends_here(struct cursor c)
{
	size_t left = c.in.len - c.pos;

	return !left || left == 4 ||
	       (left > 4 && cursor_u32(&c) > (uint32_t)LZ4_COMPRESSBOUND(LEGACY_BLOCK));
}

static int legacy(struct cursor *c, struct codec_out *o, struct err *err)
{
	int r;

	do
		r = legacy_block(c, o, err);
	while (r > 0 && !ends_here(*c));
	return r < 0 ? r : 0;
}

static int frame(LZ4F_dctx *ctx, struct cursor *c, struct codec_out *o, struct err *err)
{
	size_t code, room, fed;
	uint8_t *to;
	int r;

	do {
		to = codec_room(o, 1, &room);
		if (!to)
			return codec_no_memory(err);
		fed = c->in.len - c->pos;
		code = LZ4F_decompress(ctx, to, &room, c->in.ptr + c->pos, &fed, NULL);
		if (LZ4F_isError(code))
			return codec_damaged(err, "lz4", c->pos);
		c->pos += fed;
		r = codec_wrote(o, room, err);
		if (!r && code && !fed && !room)
			r = codec_cut(err, "lz4");
	} while (!r && code);
	return r;
}

int codec_lz4(struct span in, struct codec_out *o, size_t *pos, struct err *err)
{
	struct cursor c = cursor_le(in, *pos);
	LZ4F_dctx *ctx = NULL;
	int r;

	if (cursor_u32(&c) == LEGACY_MAGIC) {
		r = legacy(&c, o, err);
	} else {
		c = cursor_le(in, *pos);
		r = LZ4F_isError(LZ4F_createDecompressionContext(&ctx, LZ4F_VERSION))
			    ? codec_no_memory(err)
			    : frame(ctx, &c, o, err);
		LZ4F_freeDecompressionContext(ctx);
	}
	if (!r)
		*pos = c.pos;
	return r;
}
