/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzip2: its only specification is the library. */
#include <bzlib.h>

#include "codec/member.h"

static int verdict(int code, size_t pos, struct err *err)
{
	if (code == BZ_OK)
		return codec_cut(err, "bzip2");
	if (code == BZ_MEM_ERROR)
		return codec_no_memory(err);
	return code == BZ_STREAM_END ? 0 : codec_damaged(err, "bzip2", pos);
}

int codec_bzip2(struct span in, struct codec_out *o, size_t *pos, struct err *err)
{
	bz_stream z = {0};
	size_t fed = *pos, room;
	bool starved;
	int code, r;

	if (BZ2_bzDecompressInit(&z, 0, 0) != BZ_OK)
		return codec_no_memory(err);
	do {
		if (!z.avail_in) {
			/* The library only reads there. */
			z.next_in = (char *)(uintptr_t)(in.ptr + fed);
			z.avail_in = codec_uint(in.len - fed);
			fed += z.avail_in;
		}
		z.next_out = (char *)codec_room(o, 1, &room);
		z.avail_out = codec_uint(room);
		room = z.avail_out;
		code = z.next_out ? BZ2_bzDecompress(&z) : BZ_MEM_ERROR;
		r = z.next_out ? codec_wrote(o, room - z.avail_out, err) : 0;
		/* It says "go on" where nothing can. */
		starved = !z.avail_in && fed == in.len && z.avail_out;
	} while (!r && code == BZ_OK && !starved);
	fed -= z.avail_in;
	if (!r)
		r = verdict(code, fed, err);
	if (!r)
		*pos = fed;
	BZ2_bzDecompressEnd(&z);
	return r;
}
