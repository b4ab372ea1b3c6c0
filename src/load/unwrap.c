/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load/unwrap.h"

#include "image/payload.h"

void unwrapped_done(struct unwrapped *u)
{
	for (unsigned i = 0; i < u->levels; i++)
		buf_done(&u->bytes[i]);
	u->levels = 0;
}

/* NULL: they are all taken. */
static struct buf *next_level(struct unwrapped *u, struct err *err)
{
	if (u->levels < UNWRAP_LEVELS) {
		u->bytes[u->levels] = (struct buf)BUF_INIT;
		return &u->bytes[u->levels++];
	}
	fail(err, EBADMSG, "is packed more than %d times", UNWRAP_LEVELS);
	return NULL;
}

/* A file that is compressed as a whole. */
static int open_compressed(enum codec codec, struct span file, struct unwrapped *u, struct image *m,
			   struct err *err)
{
	struct buf *bytes = next_level(u, err);
	size_t used;
	int r;

	if (!bytes)
		return -EBADMSG;
	r = codec_unpack(codec, file, UNWRAP_MAX, bytes, &used, err);
	if (r < 0)
		return wrap(err, r, "%s", codec_name(codec));
	r = image_parse(buf_span(bytes), m, err);
	return r < 0 ? wrap(err, r, "what it unpacks to") : 0;
}

static int open_one(struct span file, struct unwrapped *u, struct image *m, struct err *err)
{
	enum codec codec = codec_probe(file);
	int r = image_parse(file, m, err);

	if (r == -ENOEXEC && codec != CODEC_UNKNOWN)
		r = open_compressed(codec, file, u, m, err);
	/* What begins like lzma, which has no magic, need not be. */
	if (r < 0 && codec == CODEC_LZMA)
		r = image_parse(file, m, err);
	return r;
}

static int open_zboot(const struct image *container, struct unwrapped *u, struct image *m,
		      struct err *err)
{
	struct buf *bytes = next_level(u, err);
	int r = bytes ? image_payload(container, UNWRAP_MAX, bytes, err) : -EBADMSG;

	if (r < 0)
		return r;
	r = image_parse(buf_span(bytes), m, err);
	if (!r && m->format != IMAGE_LINUX_IMAGE)
		r = fail(err, EBADMSG, "is no Image");
	return wrap(err, r, "what it unpacks to");
}

/* The kernel in @u->kernel, which takes its place. 0: it is none that holds another. */
static int open_inner(struct unwrapped *u, struct err *err)
{
	const struct image container = u->kernel;
	const struct image_part *kernel = parts_find(&container.parts, PART_KERNEL);
	int r = 0;

	if (container.format != IMAGE_ZBOOT && !kernel)
		return 0;
	for (unsigned i = 0; !r && i < container.parts.n; i++)
		if (container.parts.v[i].kind != PART_KERNEL)
			r = parts_add(&u->parts, container.parts.v[i], err);
	if (r)
		return r;
	if (!kernel)
		r = open_zboot(&container, u, &u->kernel, err);
	else
		r = wrap(err, open_one(kernel->data, u, &u->kernel, err), "the kernel in it");
	return r ? r : 1;
}

int unwrap_kernel(struct span file, struct unwrapped *out, struct err *err)
{
	struct unwrapped u = UNWRAPPED_INIT;
	int r = open_one(file, &u, &u.kernel, err);

	u.outer = u.kernel;
	if (!r)
		r = 1;
	/* A kernel that is stored plainly takes no level, but the file gets shorter each time. */
	for (unsigned i = 0; r > 0; i++) {
		r = open_inner(&u, err);
		if (r > 0 && i == UNWRAP_LEVELS)
			r = fail(err, EBADMSG, "has more than %d containers one in the other",
				 UNWRAP_LEVELS);
	}
	if (r < 0)
		unwrapped_done(&u);
	else
		*out = u;
	return r;
}
