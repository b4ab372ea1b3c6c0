/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device tree to change: read into nodes and properties, changed there, written as a new blob of
 * version 17. What is not touched comes out as it came in, in the same order; NOPs, slack and
 * properties behind subnodes (which no reader finds) go. Specification: as fdt/tree.h.
 *
 *	struct edit e;
 *	int r = edit_open(&tree, &e, err);          // or edit_new(): a root and nothing else
 *	struct edit_node *chosen;
 *
 *	if (!r)
 *		r = edit_make(&e, "/chosen", &chosen, err);
 *	if (!r)
 *		r = edit_set_text(&e, chosen, "bootargs", "quiet", err);
 *	if (!r)
 *		r = edit_write(&e, 0, &blob, err);
 *	edit_done(&e);
 *
 * An edit owns all its bytes; nodes and values live until edit_done(), removed ones too. Functions
 * copy what they are given, and change nothing when they fail.
 *
 * Names of nodes: where the one looked for has no "@", the unit address of the tree's does not
 * count, as in libfdt ("memory" finds "memory@40000000"). Of several the first is meant.
 *
 * Errors: -ENOTSUP: larger than TREE_MAX, or deeper than EDIT_DEPTH | -ENOMEM | -EINVAL: a name
 * that is empty, too long, or has a "/".
 */
#pragma once
#include "core/buf.h"
#include "fdt/tree.h"

#define EDIT_DEPTH 64 /* Linux reads no deeper nodes: drivers/of/fdt.c, FDT_MAX_DEPTH */

/* For reading; change them by the functions below. */
struct edit_prop {
	struct edit_prop *next;
	const char *name;
	struct span value; /* ptr is never NULL */
	uint32_t name_at;  /* private: of the name in the strings */
};

struct edit_node {
	struct edit_node *parent, *child, *next; /* child: the first; next: of the same parent */
	struct edit_prop *props;
	const char *name; /* "" for the root */
	unsigned depth;   /* 0 for the root */
};

struct edit_block;
struct edit_name;

struct edit {
	struct edit_node *root;
	VEC(struct range) reserved; /* /memreserve/; yours to change too */
	uint32_t boot_cpu;          /* boot_cpuid_phys; yours to set */
	struct edit_block *blocks;  /* private from here on */
	size_t taken;
	struct buf strings;
	struct edit_name *names[256];
};

/*
 * @e needs no initialising, and edit_done() after success alone. -EBADMSG: the tree has no root, or
 * a reservation that passes 2^64.
 */
int edit_open(const struct tree *t, struct edit *e, struct err *err);
int edit_new(struct edit *e, struct err *err);
void edit_done(struct edit *e);

/* @out (empty; the caller's to buf_done()) = the blob, with @slack zero bytes inside its total size
 * for whoever edits it next. Only written on success. It is aligned, as tree_open() wants it. */
int edit_write(const struct edit *e, size_t slack, struct buf *out, struct err *err);

/* By path: "/", "/cpus/cpu@0". NULL if there is none. */
struct edit_node *edit_find(const struct edit *e, const char *path);
struct edit_node *edit_child(const struct edit_node *parent, const char *name);
/* Find the node or make it, behind its siblings; edit_make() all nodes on the way too. edit_add()
 * takes only a child of exactly this name for it. */
int edit_make(struct edit *e, const char *path, struct edit_node **out, struct err *err);
int edit_add(struct edit *e, struct edit_node *parent, const char *name, struct edit_node **out,
	     struct err *err);
/* The next node of the whole tree, parents before their children; start from the root. NULL behind
 * the last. */
struct edit_node *edit_next(const struct edit_node *node);
/* -EINVAL: does not fit @size bytes. */
int edit_path(const struct edit_node *node, char *out, size_t size);
/* With all below it. Not the root. */
void edit_remove(struct edit_node *node);

/* NULL ptr if there is none. */
struct span edit_get(const struct edit_node *node, const char *name);
/* Up to the first NUL. */
struct span edit_get_text(const struct edit_node *node, const char *name);
/* A number of one or two cells. False if it is absent or has another size. */
bool edit_get_number(const struct edit_node *node, const char *name, uint64_t *out);

/* Set a property; a new one comes behind the others. @value may be of length 0. */
int edit_set(struct edit *e, struct edit_node *node, const char *name, struct span value,
	     struct err *err);
int edit_set_text(struct edit *e, struct edit_node *node, const char *name, const char *text,
		  struct err *err);
int edit_set_u32(struct edit *e, struct edit_node *node, const char *name, uint32_t value,
		 struct err *err);
int edit_set_u64(struct edit *e, struct edit_node *node, const char *name, uint64_t value,
		 struct err *err);
/* { address, size }... in the root's cells. -EOVERFLOW: a number needs more of them | -EBADMSG: as
 * edit_cells(). */
int edit_set_ranges(struct edit *e, struct edit_node *node, const char *name, const struct range *v,
		    size_t n, struct err *err);
/* True if there was one. */
bool edit_unset(struct edit_node *node, const char *name);

/*
 * Set the property that the last word of @path names, making all nodes on the way (of exactly these
 * names): one file of /proc/device-tree. (Leave out "name": Linux puts it there by itself.)
 */
int edit_put(struct edit *e, const char *path, struct span value, struct err *err);

/* Of the root; {1, 1} where it has none. -EBADMSG: none that hold a 64-bit address. */
int edit_cells(const struct edit *e, struct tree_cells *out, struct err *err);

/*
 * Add /memreserve/ entries, each once; take away all that are exactly @r (true: there was one). For
 * many entries edit_reserve_all() is the fast one.
 */
int edit_reserve(struct edit *e, struct range r, struct err *err);
int edit_reserve_all(struct edit *e, const struct range *v, size_t n, struct err *err);
bool edit_unreserve(struct edit *e, struct range r);
