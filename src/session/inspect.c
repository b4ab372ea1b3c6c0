/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/inspect.h"

#include <string.h>

#include "core/cleanup.h"
#include "image/inside.h"
#include "image/payload.h"
#include "image/render.h"
#include "image/zimage.h"
#include "load/line.h"
#include "load/load.h"
#include "load/parts.h"
#include "session/files.h"

/* The file and what is in it, for as long as any span of them is used. */
struct opened {
	struct buf file, vendor_boot;
	struct buf kernel; /* what the innermost unpacks to, or its head */
	struct image_choice choice;
	struct unwrapped u;
};

static void opened_done(struct opened *o)
{
	unwrapped_done(&o->u);
	buf_done(&o->kernel);
	buf_done(&o->vendor_boot);
	buf_done(&o->file);
}

static int open_file(const struct inspect_file *f, struct opened *o, struct err *err)
{
	_cleanup_(closep) int fd = -1, fd2 = -1;
	int r = files_read("kernel", f->path, SESSION_KERNEL_MAX, &fd, &o->file, err);

	if (!r && f->vendor_boot)
		r = files_read("vendor_boot", f->vendor_boot, SESSION_KERNEL_MAX, &fd2,
			       &o->vendor_boot, err);
	if (r < 0)
		return r;
	o->choice = f->choice;
	o->choice.vendor_boot = buf_span(&o->vendor_boot);
	o->u.choice = &o->choice;
	return wrap_file(err, unwrap_outer(buf_span(&o->file), &o->u, err), "kernel", f->path);
}

/* The kernel's own memory, or its head; of a raw Image and a vmlinux that is the file. */
static int unpack(struct opened *o, bool whole, struct span *memory, struct err *err)
{
	struct image *m = &o->u.kernel;
	int r = 0;

	if (m->format == IMAGE_ZIMAGE)
		r = zimage_unpack(m, &o->kernel, err);
	else if (!m->payload_size) {
		*memory = m->file;
		return 0;
	} else if (whole)
		r = image_payload(m, UNWRAP_MAX, &o->kernel, err);
	else
		return image_payload_head(m, UNWRAP_MAX, &o->kernel, memory, err);
	*memory = buf_span(&o->kernel);
	return r;
}

/* What only the unpacked kernel tells. A size that proved wrong is unknown. */
static int look_inside(struct opened *o, struct err *note)
{
	struct image *m = &o->u.kernel;
	struct span memory;
	int r = unpack(o, false, &memory, note);

	if (r == -EBADMSG)
		m->unpacked_size = 0;
	if (!r)
		r = image_look_inside(m, memory, note);
	if (!r)
		image_find_config(m, memory);
	return r;
}

/* The facts of the kernel in it are those of the container; how it is packed is its own. */
static void merge(const struct unwrapped *u, struct span file, struct image *shown)
{
	const struct image *outer = &u->outer;
	const struct image_part *kernel = parts_find(&outer->parts, PART_KERNEL);
	const struct image_part *config = parts_find(&u->kernel.parts, PART_CONFIG);

	*shown = u->kernel;
	shown->format = outer->format;
	memcpy(shown->about, outer->about, sizeof(shown->about));
	if (u->kernel.file.ptr != outer->file.ptr) {
		shown->file = outer->file;
		shown->compression = outer->compression;
		shown->payload_off = outer->payload_off;
		shown->payload_size = outer->payload_size;
		shown->unpacked_size = outer->unpacked_size;
		shown->parts = outer->parts;
		for (unsigned i = 0; i < u->parts.n; i++)
			if (!parts_find(&outer->parts, u->parts.v[i].kind))
				(void)parts_add(&shown->parts, u->parts.v[i], NULL);
		if (config)
			(void)parts_add(&shown->parts, *config, NULL);
	}
	if (kernel && !shown->payload_size) {
		shown->payload_off = (uint64_t)(kernel->data.ptr - outer->file.ptr);
		shown->payload_size = kernel->data.len;
		shown->compression = image_compression_of(kernel->data);
		if (shown->compression == COMP_UNKNOWN)
			shown->compression = COMP_NONE;
		else
			shown->unpacked_size = u->kernel.file.len;
	}
	for (enum image_compression c = COMP_GZIP; u->packed && c <= COMP_BZIP2; c++) {
		if (image_codec(c) != u->packed)
			continue;
		shown->compression = c;
		shown->payload_off = 0;
		shown->payload_size = file.len;
		shown->unpacked_size = outer->file.len;
	}
}

static int show(const struct opened *o, const char *path, bool json, struct buf *out)
{
	const struct unwrapped *u = &o->u;
	_cleanup_(buf_done) struct buf line = BUF_INIT, clean = BUF_INIT;
	struct image shown;
	struct image_view v = {.file = path, .image = &shown};
	int r = parts_join_line(&u->parts, &line);

	if (!r)
		r = line_clean(buf_span(&line), &clean);
	merge(u, buf_span(&o->file), &shown);
	v.line = buf_span(&clean);
	if (u->kernel.file.ptr != u->outer.file.ptr)
		v.kernel = &u->kernel;
	if (shown.how == HOW_FIXED && shown.preferred && !image_is_multiboot(&shown))
		v.crash_size = load_crash_room(&u->kernel, parts_initrd_size(&u->parts));
	if (!r)
		r = json ? image_view_json(&v, out) : image_view_text(&v, out);
	return r;
}

int session_inspect(const struct inspect_file *f, bool json, struct buf *out, struct err *note,
		    struct err *err)
{
	_cleanup_(opened_done) struct opened o = {.u = UNWRAPPED_INIT};
	int r = open_file(f, &o, err);

	if (r < 0)
		return r;
	r = unwrap_inner(&o.u, note);
	if (!r)
		r = look_inside(&o, note);
	(void)wrap_file(note, r, "kernel", f->path);
	return show(&o, f->path, json, out) < 0 ? fail(err, ENOMEM, "no memory") : 0;
}

/* As a load would take it. */
static int take_part(struct opened *o, enum image_part_kind kind, struct buf *out, struct err *err)
{
	const struct image_parts *parts = &o->u.parts;
	const struct image_part *config = parts_find(&o->u.kernel.parts, PART_CONFIG);
	size_t used;
	int r;

	if (kind == PART_DTB)
		return parts_join_dtb(parts, out, err);
	if (kind == PART_CONFIG)
		return config ? codec_unpack(image_codec(config->compression), config->data,
					     UNWRAP_MAX, out, &used, err)
			      : 0;
	r = kind == PART_INITRD ? parts_join_initrd(parts, out) : parts_join_line(parts, out);
	return r < 0 ? fail(err, ENOMEM, "no memory") : 0;
}

static int unpack_kernel(struct opened *o, struct span *memory, struct err *err)
{
	int r = unwrap_inner(&o->u, err);

	if (!r)
		r = unwrapped_is_kernel(&o->u, err);
	return r ? r : unpack(o, true, memory, err);
}

static int extract(struct opened *o, enum image_part_kind kind, struct buf *out, struct err *err)
{
	struct span memory = {0};
	int r = 0;

	if (kind == PART_KERNEL || kind == PART_CONFIG)
		r = unpack_kernel(o, &memory, err);
	else /* parts are found even where there is no kernel that we know */
		(void)unwrap_inner(&o->u, NULL);
	if (r)
		return r;
	if (kind == PART_CONFIG)
		image_find_config(&o->u.kernel, memory);
	if (kind != PART_KERNEL)
		r = take_part(o, kind, out, err);
	else if (memory.ptr == o->kernel.ptr)
		*out = buf_take(&o->kernel);
	else
		r = buf_add(out, memory.ptr, memory.len) < 0 ? fail(err, ENOMEM, "no memory") : 0;
	if (!r && !out->len)
		r = fail(err, ENOENT, "holds no %s", part_name(kind));
	return r;
}

int session_extract(const struct inspect_file *f, enum image_part_kind kind, struct buf *out,
		    struct err *err)
{
	_cleanup_(opened_done) struct opened o = {.u = UNWRAPPED_INIT};
	int r = open_file(f, &o, err);

	return r < 0 ? r : wrap_file(err, extract(&o, kind, out, err), "kernel", f->path);
}
