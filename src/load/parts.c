/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load/parts.h"

#include <string.h>

#include "base/align.h"
#include "base/put.h"
#include "fdt/overlay.h"
#include "fdt/tree.h"

/* What is longer is no device tree. */
#define DTB_MAX (16ull << 20)
/*
 * Bytes of overlays times bytes of the trees below them: some seconds. A board has ten of 4 KiB
 * over 64 KiB, a sixth of that.
 */
#define OVERLAY_WORK_MAX (1ull << 34)

/* Behind a bootconfig: its size and checksum (4 bytes each), and this. */
static const char bootconfig_magic[] = "#BOOTCONFIG\n";
#define BOOTCONFIG_TRAILER (8 + strlen(bootconfig_magic))

static bool of_initrd(const struct image_part *p)
{
	return (p->kind == PART_INITRD || p->kind == PART_UCODE || p->kind == PART_BOOTCONFIG) &&
	       p->data.len;
}

uint64_t parts_initrd_size(const struct image_parts *parts)
{
	uint64_t size = 0;

	for (unsigned i = 0; i < parts->n; i++)
		if (of_initrd(&parts->v[i]))
			size = align_up(size, 4) + parts->v[i].data.len;
	if (parts_find(parts, PART_BOOTCONFIG))
		size = align_up(size, 4) + BOOTCONFIG_TRAILER;
	return size;
}

/* init/initramfs.c unpacks each by itself and skips zeros between them. */
static int join(const struct image_parts *parts, enum image_part_kind kind, struct buf *out)
{
	int r = 0;

	for (unsigned i = 0; !r && i < parts->n; i++) {
		if (parts->v[i].kind != kind)
			continue;
		r = buf_zero(out, -out->len & 3);
		if (!r)
			r = buf_add(out, parts->v[i].data.ptr, parts->v[i].data.len);
	}
	return r;
}

/*
 * The kernel finds it from the initrd's end: Documentation/admin-guide/bootconfig.rst. Its size
 * counts the zeros that make all of it a multiple of 4 bytes.
 */
static int join_bootconfig(const struct image_parts *parts, struct buf *out)
{
	uint8_t head[8];
	uint32_t sum = 0;
	size_t start = (size_t)align_up(out->len, 4);
	int r = join(parts, PART_BOOTCONFIG, out);

	if (!r)
		r = buf_zero(out, -out->len & 3);
	if (r || out->len <= start)
		return r;
	for (size_t i = start; i < out->len; i++)
		sum += out->ptr[i];
	put_le(head, out->len - start, 4);
	put_le(head + 4, sum, 4);
	r = buf_add(out, head, sizeof(head));
	return r ? r : buf_puts(out, bootconfig_magic);
}

bool parts_has_bootconfig(struct span initrd)
{
	size_t n = strlen(bootconfig_magic);

	return initrd.len >= BOOTCONFIG_TRAILER &&
	       !memcmp(initrd.ptr + initrd.len - n, bootconfig_magic, n);
}

int parts_join_initrd(const struct image_parts *parts, struct buf *out)
{
	int r = join(parts, PART_UCODE, out);

	if (!r)
		r = join(parts, PART_INITRD, out);
	return r || !parts_find(parts, PART_BOOTCONFIG) ? r : join_bootconfig(parts, out);
}

static int take_initrd(const struct unwrapped *u, struct load_request *req, struct plan *p)
{
	const struct image_parts *parts = &u->parts;
	struct span one = {0};
	struct buf all = BUF_INIT;
	unsigned n = 0;
	int r = 0;

	for (unsigned i = 0; i < parts->n; i++)
		if (of_initrd(&parts->v[i]) && !n++)
			one = parts->v[i].data;
	if (u->outer.no_ramdisk && !req->initrd.len)
		r = plan_warn(p, "the boot image has no ramdisk (since Android 13 it is in "
				 "init_boot.img), and the next kernel will find no init");
	if (!n || r)
		return r;
	if (req->initrd.len)
		return plan_warn(p, "the initrd in the kernel file is not used: '--initrd' takes "
				    "its place");
	req->initrd = one;
	if (n == 1 && !parts_find(parts, PART_BOOTCONFIG))
		return 0;
	r = parts_join_initrd(parts, &all);
	if (!r)
		r = plan_own(p, &all, &req->initrd);
	buf_done(&all);
	return r;
}

/* As libfdt wants it: unpacked and aligned. */
static int unpack_tree(const struct image_part *p, struct buf *out, struct err *err)
{
	enum codec codec = image_codec(p->compression);
	size_t used;

	if (codec != CODEC_UNKNOWN)
		return codec_unpack(codec, p->data, DTB_MAX, out, &used, err);
	return buf_add(out, p->data.ptr, p->data.len) < 0 ? fail(err, ENOMEM, "no memory") : 0;
}

/* @work: what the overlays before it cost, and it too. */
static int lay_over(const struct image_part *p, struct buf *tree, uint64_t *work, struct err *err)
{
	struct buf overlay = BUF_INIT;
	int r = unpack_tree(p, &overlay, err);

	*work += (uint64_t)tree->len * overlay.len;
	if (!r && *work > OVERLAY_WORK_MAX)
		r = fail(err, ENOTSUP,
			 "takes too long: 0x%zx bytes, over a tree of 0x%zx and those before it",
			 overlay.len, tree->len);
	if (!r)
		r = overlay_apply(tree, buf_span(&overlay), err);
	buf_done(&overlay);
	return wrap(err, r, "overlay %.*s", (int)p->name.len, (const char *)p->name.ptr);
}

int parts_join_dtb(const struct image_parts *parts, struct buf *out, struct err *err)
{
	const struct image_part *dtb = parts_find(parts, PART_DTB);
	int r = dtb ? unpack_tree(dtb, out, err) : 0;
	uint64_t work = 0;

	for (unsigned i = 0; !r && dtb && i < parts->n; i++)
		if (parts->v[i].kind == PART_DTBO)
			r = lay_over(&parts->v[i], out, &work, err);
	return wrap(err, r, "the device tree in it");
}

static int take_dtb(const struct image_parts *parts, struct load_request *req, struct plan *p,
		    struct err *err)
{
	struct buf copy = BUF_INIT;
	int r;

	if (!parts_find(parts, PART_DTB) || !req->arch->device_tree)
		return 0;
	if (req->dtb.len)
		return plan_warn(p, "the device tree in the kernel file is not used: '--dtb' takes "
				    "its place");
	r = parts_join_dtb(parts, &copy, err);
	if (!r && tree_has_next(parts_find(parts, PART_DTB)->data) &&
	    plan_warn(p, "there are several device trees in the kernel file, one behind the other, "
			 "and the first is taken: '--dtb' takes another") < 0)
		r = fail(err, ENOMEM, "no memory");
	if (!r && plan_own(p, &copy, &req->dtb) < 0)
		r = fail(err, ENOMEM, "no memory");
	req->dtb_path = req->image_path;
	buf_done(&copy);
	return r;
}

int parts_join_line(const struct image_parts *parts, struct buf *out)
{
	int r = 0;

	for (unsigned i = 0; !r && i < parts->n; i++)
		if (parts->v[i].kind == PART_CMDLINE)
			r = buf_add(out, parts->v[i].data.ptr, parts->v[i].data.len);
	return r;
}

static int take_line(const struct image_parts *parts, struct load_request *req, struct plan *p)
{
	struct buf all = BUF_INIT;
	int r = parts_join_line(parts, &all);

	if (!r && all.len)
		r = plan_own(p, &all, &req->own_line);
	buf_done(&all);
	return r;
}

int parts_take(const struct unwrapped *u, struct load_request *req, struct plan *p, struct err *err)
{
	int r = unwrapped_is_kernel(u, err);

	if (r < 0)
		return r;
	r = take_initrd(u, req, p);
	if (!r)
		r = take_line(&u->parts, req, p);
	if (r < 0)
		return fail(err, ENOMEM, "no memory for what is in the kernel file");
	return take_dtb(&u->parts, req, p, err);
}
