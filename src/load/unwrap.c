/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load/unwrap.h"

#include "image/payload.h"

static int parse_inner(const struct buf *bytes, struct image *image, struct err *err)
{
	int r = image_parse(buf_span(bytes), image, err);

	return r < 0 ? wrap(err, r, "what it unpacks to") : 0;
}

/* A file that is compressed as a whole. */
static int unwrap_compressed(enum codec codec, struct span file, struct buf *bytes,
			     struct image *image, struct err *err)
{
	size_t used;
	int r = codec_unpack(codec, file, UNWRAP_MAX, bytes, &used, err);

	if (r < 0)
		return wrap(err, r, "%s", codec_name(codec));
	return parse_inner(bytes, image, err);
}

/* @container may lie in @bytes, so what it holds gets bytes of its own, which then take their
 * place. */
static int unwrap_zboot(const struct image *container, struct buf *bytes, struct image *image,
			struct err *err)
{
	struct buf inner = BUF_INIT;
	int r = image_payload(container, UNWRAP_MAX, &inner, err);

	if (!r)
		r = parse_inner(&inner, image, err);
	if (!r && image->format != IMAGE_LINUX_IMAGE)
		r = fail(err, EBADMSG, "what it unpacks to is no Image");
	if (!r) {
		buf_done(bytes);
		*bytes = buf_take(&inner);
	}
	buf_done(&inner);
	return r;
}

int unwrap_kernel(struct span file, struct buf *bytes, struct image *image,
		  enum image_format *outer, struct err *err)
{
	struct image m;
	enum codec codec = codec_probe(file);
	int r = image_parse(file, &m, err);

	if (r == -ENOEXEC && codec != CODEC_UNKNOWN)
		r = unwrap_compressed(codec, file, bytes, &m, err);
	/* What begins like lzma, which has no magic, need not be. */
	if (r < 0 && codec == CODEC_LZMA)
		r = image_parse(file, &m, err);
	if (r < 0)
		return r;
	*outer = m.format;
	if (m.format == IMAGE_ZBOOT) {
		const struct image container = m;

		r = unwrap_zboot(&container, bytes, &m, err);
	}
	if (!r)
		*image = m;
	return r;
}
