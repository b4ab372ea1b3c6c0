/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel inside its container. Loading needs none of it (the kernel unpacks itself): only who
 * asks pays. docs/formats/bzimage.md, "The payload".
 */
#pragma once
#include "core/buf.h"
#include "image/image.h"

/*
 * Append the vmlinux in @m to @vmlinux (and behind it the relocations of a relocatable kernel).
 * 0 | -ENOTSUP: no payload that we can unpack | -EBADMSG: damaged, or of another size than it says
 * | -EFBIG: more than @limit bytes | -ENOMEM. On failure @vmlinux holds what it held.
 */
int image_payload(const struct image *m, uint64_t limit, struct buf *vmlinux, struct err *err);

/*
 * What only @vmlinux tells, written to @m: build_id, footprint_running, version where the container
 * has none. What @vmlinux lacks stays unknown. 0 | -EBADMSG: no sound ELF; @m is untouched.
 */
int image_look_inside(struct image *m, struct span vmlinux, struct err *err);

/* The release in the banner of an unpacked kernel; @m->version stays where there is none. */
void image_read_banner(struct image *m, struct span kernel);
