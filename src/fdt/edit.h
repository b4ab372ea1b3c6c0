/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing a flattened device tree: an owned copy in a struct buf that grows as needed. Every
 * function leaves a tree that tree_open() takes, after a failure too, and may move the bytes:
 * spans into it are lost. Ranges are written in the root's cells. Specification: as fdt/tree.h.
 *
 * Errors: -EOVERFLOW: a number needs more cells than the tree has | -ENOTSUP: grown above TREE_MAX
 * | -ENOMEM | -EBADMSG: the tree has no such cells.
 */
#pragma once
#include "core/buf.h"
#include "fdt/tree.h"

int edit_open(const struct tree *t, struct buf *out, struct err *err); /* @out: empty before */

/* Properties of /chosen, which is made if absent. */
int edit_chosen(struct buf *b, const char *name, struct span value, struct err *err);
int edit_chosen_text(struct buf *b, const char *name, const char *text, struct err *err);
int edit_chosen_u64(struct buf *b, const char *name, uint64_t value, struct err *err);
int edit_chosen_ranges(struct buf *b, const char *name, const struct range *v, size_t n,
		       struct err *err);
/* 0, also where there is no such property. */
int edit_chosen_remove(struct buf *b, const char *name, struct err *err);

/* Add a /memreserve/ entry; take away all that are exactly @r. */
int edit_memreserve(struct buf *b, struct range r, struct err *err);
int edit_memreserve_remove(struct buf *b, struct range r, struct err *err);

/*
 * A child "NAME@START" of /reserved-memory, which is made if absent. -EEXIST: there is one. Removal
 * takes away every child whose reg is exactly @r.
 */
int edit_reserved(struct buf *b, const char *name, struct range r, bool no_map, struct err *err);
int edit_reserved_remove(struct buf *b, struct range r, struct err *err);

/* One memory node with these ranges instead of all that there were. @n is at least 1 (-EINVAL). */
int edit_memory(struct buf *b, const struct range *v, size_t n, struct err *err);

/* Give back the slack; the last step. */
int edit_pack(struct buf *b, struct err *err);
