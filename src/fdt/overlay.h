/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device tree overlay, laid over the tree that it was made for.
 * Format: Device Tree Overlays of dtc (Documentation/dt-object-internal.txt); done by libfdt.
 */
#pragma once
#include "core/buf.h"
#include "core/err.h"

#define OVERLAY_MAX (128u << 10) /* bytes; libfdt takes time by the square of them */

/*
 * Change the tree in @tree, which grows, by @overlay. Both are checked first; @tree is untouched
 * where it fails. 0 | -EBADMSG: one of them is no sound device tree, or they do not fit each other
 * | -ENOTSUP: too large, or nodes too deep | -ENOMEM
 */
int overlay_apply(struct buf *tree, struct span overlay, struct err *err);
