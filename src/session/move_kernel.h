/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A linked kernel, moved from one file to another: `baton relocate`. */
#pragma once
#include "elf/relocate.h"

struct session_relocate {
	const char *image, *out; /* paths */
	bool force;              /* replace @out where it exists */
	struct relocate_request to;
};

/*
 * Write the kernel of @req->image, a vmlinux or a container of one (a bzImage, a compressed file),
 * moved to other addresses, to @req->out: whole or not at all. Errors of relocate_kernel();
 * -EEXIST; -ENOTSUP no ELF kernel inside, or a CPU whose kernels we cannot move.
 */
int session_relocate(const struct session_relocate *req, struct relocate_result *res,
		     struct err *err);

/*
 * Move the vmlinux in @file to the physical address @to, in place, where its own start code could
 * not run it there: i386 with kept relocations. Every other file stays as it is, for the CPU's
 * boot protocol to judge. Errors of relocate_kernel(), @file is spoiled then.
 */
int kernel_move_to(struct buf *file, uint64_t to, struct err *err);
