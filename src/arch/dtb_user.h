/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A user's device tree: what a boot loader or firmware would have put into it. Part of dtb.c. */
#pragma once
#include "arch/dtb.h"

/*
 * Put memory, reservations, linux,uefi-* and boot CPU of the running machine into @e, the user's.
 * @run: the machine's own tree; NULL = it has none (then memory from /proc/iomem). @say: add the
 * warnings to the plan.
 */
int dtb_adopt(struct boot *b, struct edit *e, const struct edit *run, bool say, struct err *err);

/* /reserved-memory, made if absent. -ENOTSUP: it has other cells than the root. */
int dtb_reserved_memory(struct edit *e, struct edit_node **out, struct err *err);
