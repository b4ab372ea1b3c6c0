/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the container of a kernel brings along (a UKI's initrd and command line, a FIT's device
 * tree), and what the user says himself:
 * initrd  the user's takes the place of the container's, microcode, bootconfig and all
 * dtb     the same
 * line    the container's stands first, --append behind it; --reuse-cmdline takes its place
 */
#pragma once
#include "load/load.h"
#include "load/unwrap.h"

/*
 * Write to @req what the user left open; what had to be copied is given to @p. Something of the
 * container that is not used is a warning of @p. 0 | -ENOMEM | -EBADMSG, -ENOTSUP: a device tree
 * that does not unpack, or an overlay that does not fit it; no kernel in it at all.
 */
int parts_take(const struct unwrapped *u, struct load_request *req, struct plan *p,
	       struct err *err);

/* Bytes of the initrd that parts_take() would take. */
uint64_t parts_initrd_size(const struct image_parts *parts);
/* Append the same initrd: microcode first, bootconfig last with its trailer, each at a multiple of
 * 4 bytes. 0 | -ENOMEM */
int parts_join_initrd(const struct image_parts *parts, struct buf *out);
/* Does a bootconfig end @initrd? */
bool parts_has_bootconfig(struct span initrd);
/*
 * Append the device tree, unpacked, with the overlays laid over it; nothing where there is none.
 * 0 | -EBADMSG, -ENOTSUP: one that does not unpack, or does not fit (its name is told) | -ENOMEM
 */
int parts_join_dtb(const struct image_parts *parts, struct buf *out, struct err *err);
/* Append the command line: Android's boot image has it in two fields, cut anywhere. 0 | -ENOMEM. */
int parts_join_line(const struct image_parts *parts, struct buf *out);
