/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fdt/overlay.h"

#include <libfdt.h>

#include "core/cleanup.h"
#include "fdt/edit.h"
#include "fdt/tree.h"

/* libfdt lays overlays by recursion. */
static int check_depth(const void *fdt, struct err *err)
{
	int depth = 0;

	for (int node = 0; node >= 0; node = fdt_next_node(fdt, node, &depth))
		if (depth > EDIT_DEPTH)
			return fail(err, ENOTSUP, "has nodes deeper than %d", EDIT_DEPTH);
	return 0;
}

static int check(const char *what, struct span blob, uint32_t max, struct err *err)
{
	struct tree t;
	int r = tree_open_max(blob, max, &t, err);

	if (r == -ENOEXEC)
		r = fail(err, EBADMSG, "is no device tree");
	if (!r)
		r = check_depth(blob.ptr, err);
	return wrap(err, r, "%s", what);
}

/* libfdt takes any tree, and leaves out what is no fragment of an overlay. */
static int check_fragments(const void *fdt, struct err *err)
{
	for (int node = fdt_first_subnode(fdt, 0); node >= 0; node = fdt_next_subnode(fdt, node))
		if (fdt_subnode_offset(fdt, node, "__overlay__") >= 0)
			return 0;
	return fail(err, EBADMSG, "is a device tree, but no overlay (no __overlay__ in it)");
}

/* libfdt says -FDT_ERR_NOTFOUND (1.6) or -FDT_ERR_BADOFFSET (1.7) of a tree without labels. */
static int check_labels(const void *overlay, const void *tree, struct err *err)
{
	if (fdt_path_offset(overlay, "/__fixups__") < 0 ||
	    fdt_path_offset(tree, "/__symbols__") >= 0)
		return 0;
	return fail(err, EBADMSG,
		    "refers to labels, and the tree has none: it was made without 'dtc -@'");
}

static int told(int fault, struct err *err)
{
	if (fault == -FDT_ERR_NOTFOUND)
		return fail(err, EBADMSG, "refers to a node or label that the tree does not have");
	if (fault == -FDT_ERR_NOSPACE)
		return fail(err, ENOTSUP, "makes a tree of more than %u MiB", TREE_MAX >> 20);
	return fail(err, EBADMSG, "does not fit the tree: %s", fdt_strerror(fault));
}

/* In copies: libfdt spoils both where it fails. */
static int apply(const struct buf *tree, struct buf *overlay, struct buf *out, struct err *err)
{
	int fault;

	/* By how much it grows there is no telling: names of the overlay's symbols get longer. */
	if (buf_zero(out, TREE_MAX) < 0)
		return fail(err, ENOMEM, "no memory");
	fault = fdt_open_into(tree->ptr, out->ptr, TREE_MAX);
	if (!fault)
		fault = fdt_overlay_apply(out->ptr, overlay->ptr);
	if (!fault)
		fault = fdt_pack(out->ptr);
	if (fault)
		return told(fault, err);
	out->len = fdt_totalsize(out->ptr);
	return 0;
}

int overlay_apply(struct buf *tree, struct span overlay, struct err *err)
{
	_cleanup_(buf_done) struct buf out = BUF_INIT, over = BUF_INIT; /* aligned */
	int r = check("the tree below it", buf_span(tree), TREE_MAX, err);

	if (!r && buf_add(&over, overlay.ptr, overlay.len) < 0)
		r = fail(err, ENOMEM, "no memory");
	if (!r)
		r = check("as a device tree", buf_span(&over), OVERLAY_MAX, err);
	if (!r)
		r = check_fragments(over.ptr, err);
	if (!r)
		r = check_labels(over.ptr, tree->ptr, err);
	if (!r)
		r = apply(tree, &over, &out, err);
	if (r)
		return r;
	buf_done(tree);
	*tree = buf_take(&out);
	return 0;
}
