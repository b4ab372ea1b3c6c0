/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/payload.h"

#include "image/inside.h"

enum {
	SIZE_WORD = 4,
	RATIO = 16, /* a kernel unpacks to less than this many times its size */
};

static int copy(struct span payload, uint64_t limit, struct buf *out, struct err *err)
{
	if (payload.len > limit)
		return fail(err, EFBIG, "is longer than %llu bytes", (unsigned long long)limit);
	return buf_add(out, payload.ptr, payload.len) < 0 ? fail(err, ENOMEM, "no memory") : 0;
}

/* The stream; behind all but gzip's, which holds its size, that follows. */
static struct span stream_of(const struct image *m)
{
	struct span payload = span_sub(m->file, m->payload_off, m->payload_size);

	if (m->compression != COMP_GZIP && m->compression != COMP_NONE && payload.len > SIZE_WORD)
		payload.len -= SIZE_WORD;
	return payload;
}

/* The size that the image says bounds the work: more than that would be a lie anyway. */
static uint64_t cap_of(const struct image *m, uint64_t limit)
{
	return m->unpacked_size && m->unpacked_size < limit ? m->unpacked_size : limit;
}

static int make_room(const struct image *m, uint64_t cap, struct buf *out, struct err *err)
{
	uint64_t likely = m->unpacked_size ? cap : m->payload_size * RATIO;

	if (!codec_built(image_codec(m->compression)))
		return 0;
	if (buf_reserve(out, (size_t)(likely < cap ? likely : cap) + CODEC_SLACK) < 0)
		return fail(err, ENOMEM, "no memory to unpack %llu bytes", (unsigned long long)cap);
	buf_use_huge_pages(out);
	return 0;
}

/* @r: what the codec said of unpacking all, @got bytes. */
static int judge(const struct image *m, int r, uint64_t cap, uint64_t got, struct err *err)
{
	uint64_t said = m->unpacked_size;

	if (r == -EFBIG && cap == said)
		return fail(err, EBADMSG, "unpacks to more than the %llu bytes that it says",
			    (unsigned long long)said);
	if (r || !said || got == said)
		return r;
	return fail(err, EBADMSG, "unpacks to %llu bytes, not to the %llu that it says",
		    (unsigned long long)got, (unsigned long long)said);
}

static int unpack(const struct image *m, uint64_t limit, struct buf *out, struct err *err)
{
	uint64_t cap = cap_of(m, limit);
	size_t len = out->len, used;
	int r = make_room(m, cap, out, err);

	if (r)
		return r;
	r = codec_unpack(image_codec(m->compression), stream_of(m), cap, out, &used, err);
	r = judge(m, r, cap, out->len - len, err);
	if (r)
		out->len = len;
	return r;
}

static int unpack_head(const struct image *m, uint64_t limit, struct buf *room, struct err *err)
{
	uint64_t cap = cap_of(m, limit);
	int r = make_room(m, cap, room, err);

	if (r)
		return r;
	r = codec_unpack_head(image_codec(m->compression), stream_of(m), cap, image_head_wanted,
			      room, err);
	if (!r && image_head_wanted(buf_span(room)) <= room->len)
		return 0;
	return judge(m, r, cap, room->len, err);
}

static int check(const struct image *m, struct err *err)
{
	return m->payload_size && span_sub(m->file, m->payload_off, m->payload_size).ptr
		       ? 0
		       : fail(err, ENOTSUP, "does not say where its payload lies");
}

int image_payload(const struct image *m, uint64_t limit, struct buf *vmlinux, struct err *err)
{
	int r = check(m, err);

	if (r)
		return r;
	r = m->compression == COMP_NONE ? copy(stream_of(m), limit, vmlinux, err)
					: unpack(m, limit, vmlinux, err);
	return wrap(err, r, "payload");
}

int image_payload_head(const struct image *m, uint64_t limit, struct buf *room, struct span *head,
		       struct err *err)
{
	int r = check(m, err);

	if (r)
		return r;
	*head = stream_of(m);
	if (m->compression == COMP_NONE)
		return 0;
	r = unpack_head(m, limit, room, err);
	if (!r)
		*head = buf_span(room);
	return wrap(err, r, "payload");
}
