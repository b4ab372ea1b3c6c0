/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gzip: RFC 1952. */
#include <zlib.h>

#include "codec/member.h"

enum { GZIP_HEADER = 16 }; /* added to the window bits: inflateInit2 in zlib.h */

static int verdict(int code, size_t pos, struct err *err)
{
	if (code == Z_BUF_ERROR)
		return codec_cut(err, "gzip");
	if (code == Z_MEM_ERROR)
		return codec_no_memory(err);
	return code == Z_STREAM_END ? 0 : codec_damaged(err, "gzip", pos);
}

int codec_gzip(struct span in, struct codec_out *o, size_t *pos, struct err *err)
{
	z_stream z = {0};
	size_t fed = *pos, room;
	int code, r;

	if (inflateInit2(&z, GZIP_HEADER + MAX_WBITS) != Z_OK)
		return codec_no_memory(err);
	do {
		if (!z.avail_in) {
			z.next_in = (z_const Bytef *)in.ptr + fed;
			z.avail_in = codec_uint(in.len - fed);
			fed += z.avail_in;
		}
		z.next_out = codec_room(o, 1, &room);
		z.avail_out = codec_uint(room);
		room = z.avail_out;
		code = z.next_out ? inflate(&z, Z_NO_FLUSH) : Z_MEM_ERROR;
		r = z.next_out ? codec_wrote(o, room - z.avail_out, err) : 0;
	} while (!r && code == Z_OK);
	fed -= z.avail_in;
	if (!r)
		r = verdict(code, fed, err);
	if (!r)
		*pos = fed;
	inflateEnd(&z);
	return r;
}
