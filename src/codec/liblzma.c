/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xz and lzma: the XZ file format, 1.2; doc/lzma-file-format.txt of XZ Utils. */
#include <lzma.h>

#include "codec/member.h"

/* `xz -9` packs with 64 MiB, the kernel's build with at most 128 MiB. */
#define MEMORY (256ull << 20)

static int verdict(lzma_ret code, const char *name, size_t pos, struct err *err)
{
	switch (code) {
	case LZMA_STREAM_END:
		return 0;
	case LZMA_BUF_ERROR:
		return codec_cut(err, name);
	case LZMA_MEM_ERROR:
		return codec_no_memory(err);
	case LZMA_MEMLIMIT_ERROR:
		return fail(err, ENOTSUP, "%s stream needs more than %llu MiB to unpack", name,
			    MEMORY >> 20);
	case LZMA_OPTIONS_ERROR:
		return fail(err, ENOTSUP, "%s stream with unknown options", name);
	default:
		return codec_damaged(err, name, pos);
	}
}

/* Ends @s. */
static int run(lzma_stream *s, struct span in, struct codec_out *o, size_t *pos, struct err *err,
	       const char *name)
{
	lzma_ret code;
	size_t room;
	int r;

	s->next_in = in.ptr + *pos;
	s->avail_in = in.len - *pos;
	do {
		s->next_out = codec_room(o, 1, &room);
		s->avail_out = room;
		code = s->next_out ? lzma_code(s, LZMA_RUN) : LZMA_MEM_ERROR;
		r = s->next_out ? codec_wrote(o, room - s->avail_out, err) : 0;
	} while (!r && code == LZMA_OK);
	if (!r)
		r = verdict(code, name, in.len - s->avail_in, err);
	if (!r)
		*pos = in.len - s->avail_in;
	lzma_end(s);
	return r;
}

int codec_xz(struct span in, struct codec_out *o, size_t *pos, struct err *err)
{
	lzma_stream s = LZMA_STREAM_INIT;

	if (lzma_stream_decoder(&s, MEMORY, 0) != LZMA_OK)
		return codec_no_memory(err);
	return run(&s, in, o, pos, err, "xz");
}

int codec_lzma(struct span in, struct codec_out *o, size_t *pos, struct err *err)
{
	lzma_stream s = LZMA_STREAM_INIT;

	if (lzma_alone_decoder(&s, MEMORY) != LZMA_OK)
		return codec_no_memory(err);
	return run(&s, in, o, pos, err, "lzma");
}
