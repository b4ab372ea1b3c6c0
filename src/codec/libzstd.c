/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zstd: RFC 8878. */
#include <zstd.h>
#include <zstd_errors.h>

#include "codec/member.h"

static int verdict(size_t code, size_t pos, struct err *err)
{
	if (!ZSTD_isError(code))
		return code ? codec_cut(err, "zstd") : 0;
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_memory_allocation:
		return codec_no_memory(err);
	case ZSTD_error_frameParameter_windowTooLarge:
		return fail(err, ENOTSUP, "zstd frame needs a window of more than 128 MiB");
	case ZSTD_error_dictionary_wrong:
		return fail(err, ENOTSUP, "zstd frame needs a dictionary");
	default:
		return codec_damaged(err, "zstd", pos);
	}
}

int codec_zstd(struct span in, struct codec_out *o, size_t *pos, struct err *err)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	ZSTD_inBuffer from = {in.ptr, in.len, *pos};
	ZSTD_outBuffer to = {0};
	size_t code, room = 0;
	bool starved;
	int r;

	if (!z)
		return codec_no_memory(err);
	do {
		to.dst = codec_room(o, 1, &room);
		to.size = room;
		to.pos = 0;
		if (!to.dst) {
			r = codec_no_memory(err);
			break;
		}
		code = ZSTD_decompressStream(z, &to, &from);
		/* All is fed and all is flushed. */
		starved = from.pos == from.size && to.pos < to.size;
		r = codec_wrote(o, to.pos, err);
		if (!r && (ZSTD_isError(code) || starved))
			r = verdict(code, from.pos, err);
	} while (!r && code && !starved);
	ZSTD_freeDStream(z);
	if (!r)
		*pos = from.pos;
	return r;
}
