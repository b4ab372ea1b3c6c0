/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel inside its container. Loading needs none of it (the kernel unpacks itself): only who
 * asks pays. docs/formats/bzimage.md, "The payload".
 */
#pragma once
#include "core/buf.h"
#include "image/inside.h"

/*
 * Append the vmlinux in @m to @vmlinux (and behind it the relocations of a relocatable kernel).
 * 0 | -ENOTSUP: no payload that we can unpack | -EBADMSG: damaged, or of another size than it says
 * | -EFBIG: more than @limit bytes | -ENOMEM. On failure @vmlinux holds what it held.
 */
int image_payload(const struct image *m, uint64_t limit, struct buf *vmlinux, struct err *err);

/*
 * The same, but only as far as image_look_inside() looks: *@head, in @m->file or in @room (empty on
 * entry). Damage behind it, and a wrong size, is not seen.
 */
int image_payload_head(const struct image *m, uint64_t limit, struct buf *room, struct span *head,
		       struct err *err);
