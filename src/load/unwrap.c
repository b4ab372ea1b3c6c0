/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load/unwrap.h"

#include <string.h>

#include "elf/format.h"
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
	r = image_parse_as(buf_span(bytes), u->choice, m, err);
	return r < 0 ? wrap(err, r, "what it unpacks to") : 0;
}

/* By its first bytes. */
static int open_one(struct span file, struct unwrapped *u, struct image *m, struct err *err)
{
	enum codec codec = codec_probe(file);
	struct err why = ERR_INIT; /* one attempt's failure is none if the next succeeds */
	int r = image_parse_as(file, u->choice, m, &why);

	if (r == -ENOEXEC && codec != CODEC_UNKNOWN)
		r = open_compressed(codec, file, u, m, &why);
	/* What begins like lzma, which has no magic, need not be. */
	if (r < 0 && codec == CODEC_LZMA)
		r = image_parse_as(file, u->choice, m, &why);
	if (r < 0 && err)
		*err = why;
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

/* The container knows better than the first bytes do: lzma may begin with any. */
static int open_part(const struct image_part *kernel, struct unwrapped *u, struct image *m,
		     struct err *err)
{
	enum codec codec = image_codec(kernel->compression);
	int r = codec == CODEC_UNKNOWN ? open_one(kernel->data, u, m, err)
				       : open_compressed(codec, kernel->data, u, m, err);

	return wrap(err, r, "the kernel in it");
}

/* Is there a part of @kind among the first @n? An overlay goes with its own tree. */
static bool among(const struct image_parts *p, unsigned n, enum image_part_kind kind)
{
	for (unsigned i = 0; i < n; i++)
		if (p->v[i].kind == kind || (kind == PART_DTBO && p->v[i].kind == PART_DTB))
			return true;
	return false;
}

/* Of each kind that no container around this one has: who packed that one knew better. */
static int take_parts(struct unwrapped *u, const struct image_parts *own, struct err *err)
{
	unsigned outer = u->parts.n;
	int r = 0;

	for (unsigned i = 0; !r && i < own->n; i++)
		if (own->v[i].kind != PART_KERNEL && !among(&u->parts, outer, own->v[i].kind))
			r = parts_add(&u->parts, own->v[i], err);
	return r;
}

/* The kernel in @u->kernel, which takes its place. 0: it is none that holds another. */
static int open_inner(struct unwrapped *u, struct err *err)
{
	const struct image container = u->kernel;
	struct image in;
	const struct image_part *kernel = parts_find(&container.parts, PART_KERNEL);
	int r = take_parts(u, &container.parts, err);

	u->choice = NULL;
	if (r || (container.format != IMAGE_ZBOOT && !kernel))
		return r;
	r = kernel ? open_part(kernel, u, &in, err) : open_zboot(&container, u, &in, err);
	if (r)
		return r;
	u->kernel = in;
	return 1;
}

int unwrap_outer(struct span file, struct unwrapped *out, struct err *err)
{
	struct unwrapped u = {.choice = out->choice};
	int r = open_one(file, &u, &u.kernel, err);

	if (r < 0) {
		unwrapped_done(&u);
		return r;
	}
	u.outer = u.kernel;
	if (u.levels)
		u.packed = codec_probe(file);
	*out = u;
	return 0;
}

int unwrap_inner(struct unwrapped *u, struct err *err)
{
	int r;

	/* A kernel that is stored plainly takes no level, but the file gets shorter each time. */
	for (unsigned i = 0; (r = open_inner(u, err)) > 0; i++)
		if (i == UNWRAP_LEVELS)
			return fail(err, EBADMSG, "has more than %d containers one in the other",
				    UNWRAP_LEVELS);
	return r;
}

int unwrap_kernel(struct span file, struct unwrapped *out, struct err *err)
{
	int r = unwrap_outer(file, out, err);

	if (!r)
		r = unwrap_inner(out, err);
	if (r < 0)
		unwrapped_done(out);
	return r;
}

static bool is_elf(struct span s)
{
	return s.len >= SELFMAG && !memcmp(s.ptr, ELFMAG, SELFMAG);
}

int unwrapped_is_kernel(const struct unwrapped *u, struct err *err)
{
	if (u->kernel.format != IMAGE_UIMAGE && u->kernel.format != IMAGE_ANDROID)
		return 0;
	return fail(err, ENOTSUP,
		    "holds no kernel, only an initrd or a device tree: give its kernel, and these "
		    "by '--initrd' and '--dtb'");
}

int unwrap_vmlinux(struct span file, struct unwrapped *u, struct buf *payload, struct span *elf,
		   struct err *err)
{
	int r = unwrap_outer(file, u, err);

	*elf = file;
	/* No container of ELF's format: the boot wrapper of powerpc is one. */
	if (is_elf(file) && (r == -ENOEXEC || (!r && !parts_find(&u->outer.parts, PART_KERNEL))))
		return 0;
	if (!r)
		r = unwrap_inner(u, err);
	if (!r)
		r = unwrapped_is_kernel(u, err);
	if (r < 0)
		return r;
	*elf = u->kernel.file;
	if (u->kernel.format != IMAGE_VMLINUX && u->kernel.payload_size) {
		r = image_payload(&u->kernel, UNWRAP_MAX, payload, err);
		*elf = buf_span(payload);
	}
	/* A raw Image, or what a zImage or an s390 image unpacks to. */
	if (!r && !is_elf(*elf))
		r = fail(err, ENOTSUP,
			 "is a kernel (%s) that holds no ELF file; the vmlinux that it was made "
			 "from is one",
			 image_format_name(u->kernel.format));
	return r;
}
