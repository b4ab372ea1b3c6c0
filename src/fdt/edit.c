/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fdt/edit.h"

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/put.h"

/* More than any edit but a long property needs at once. */
enum { SLACK = 1024, ENTRY_MAX = 16 };

static int fdt_fail(int r, struct err *err)
{
	return fail(err, EBADMSG, "device tree cannot be changed (%s)", fdt_strerror(r));
}

/* Make sure that @more bytes and the names of a few nodes fit without moving anything. */
static int room(struct buf *b, size_t more, struct err *err)
{
	const void *fdt = b->ptr;
	size_t used = fdt_off_dt_strings(fdt) + fdt_size_dt_strings(fdt);
	int r;

	if (more <= TREE_MAX && b->len - used >= more + SLACK)
		return 0;
	if (more > TREE_MAX || b->len + more + 2 * SLACK > TREE_MAX)
		return fail(err, ENOTSUP, "device tree grows above 4 MiB");
	if (buf_zero(b, more + 2 * SLACK) < 0)
		return fail(err, ENOMEM, "no memory for a device tree of %zu bytes", b->len);
	r = fdt_open_into(b->ptr, b->ptr, (int)b->len);
	return r ? fdt_fail(r, err) : 0;
}

int edit_open(const struct tree *t, struct buf *out, struct err *err)
{
	struct buf b = BUF_INIT;
	int r;

	if (t->blob.len + SLACK > TREE_MAX)
		return fail(err, ENOTSUP, "device tree grows above 4 MiB");
	if (buf_zero(&b, t->blob.len + SLACK) < 0)
		return fail(err, ENOMEM, "no memory for a device tree of %zu bytes", t->blob.len);
	r = fdt_open_into(t->blob.ptr, b.ptr, (int)b.len);
	if (r) {
		buf_done(&b);
		return fdt_fail(r, err);
	}
	*out = b;
	return 0;
}

/* The child @name of the root, made if absent. */
static int child(struct buf *b, const char *name, struct err *err)
{
	int r = room(b, 0, err);

	if (r)
		return r;
	r = fdt_subnode_offset(b->ptr, 0, name);
	if (r == -FDT_ERR_NOTFOUND)
		r = fdt_add_subnode(b->ptr, 0, name);
	return r < 0 ? fdt_fail(r, err) : r;
}

static int set(struct buf *b, int node, const char *name, struct span value, struct err *err)
{
	int r = fdt_setprop(b->ptr, node, name, value.ptr ? value.ptr : (const uint8_t *)"",
			    (int)value.len);

	return r ? fdt_fail(r, err) : 0;
}

int edit_chosen(struct buf *b, const char *name, struct span value, struct err *err)
{
	int r = room(b, value.len, err);

	if (!r)
		r = child(b, "chosen", err);
	/* child() may have used the slack up. */
	int again = r < 0 ? r : room(b, value.len, err);

	if (again)
		return again;
	return set(b, r, name, value, err);
}

int edit_chosen_text(struct buf *b, const char *name, const char *text, struct err *err)
{
	return edit_chosen(b, name, span_of(text, strlen(text) + 1), err);
}

int edit_chosen_u64(struct buf *b, const char *name, uint64_t value, struct err *err)
{
	uint8_t at[8];

	put_be(at, value, 8);
	return edit_chosen(b, name, span_of(at, 8), err);
}

static int root_cells(const struct buf *b, struct tree_cells *c, struct err *err)
{
	const struct tree t = {buf_span(b)};

	return tree_cells(&t, c, err);
}

static int add_number(struct buf *out, uint64_t v, unsigned cells, struct err *err)
{
	uint8_t at[8];

	if (cells == 1 && v > UINT32_MAX)
		return fail(err, EOVERFLOW, "0x%llx does not fit the device tree's 32-bit cells",
			    (unsigned long long)v);
	put_be(at, v, 4 * cells);
	return buf_add(out, at, 4ul * cells) < 0 ? fail(err, ENOMEM, "no memory for ranges") : 0;
}

/* @out (empty, the caller's to release) = the ranges as a property has them. */
static int encode(const struct buf *b, const struct range *v, size_t n, struct buf *out,
		  struct err *err)
{
	struct tree_cells c;
	int r = root_cells(b, &c, err);

	for (size_t i = 0; !r && i < n; i++) {
		r = add_number(out, v[i].start, c.addr, err);
		if (!r)
			r = add_number(out, range_size(v[i]), c.size, err);
	}
	return r;
}

int edit_chosen_ranges(struct buf *b, const char *name, const struct range *v, size_t n,
		       struct err *err)
{
	struct buf list = BUF_INIT;
	int r = encode(b, v, n, &list, err);

	if (!r)
		r = edit_chosen(b, name, buf_span(&list), err);
	buf_done(&list);
	return r;
}

int edit_chosen_remove(struct buf *b, const char *name, struct err *err)
{
	int node = fdt_subnode_offset(b->ptr, 0, "chosen");
	int r = node < 0 ? 0 : fdt_delprop(b->ptr, node, name);

	return r && r != -FDT_ERR_NOTFOUND ? fdt_fail(r, err) : 0;
}

int edit_memreserve(struct buf *b, struct range range, struct err *err)
{
	int r = room(b, ENTRY_MAX, err);

	if (r)
		return r;
	r = fdt_add_mem_rsv(b->ptr, range.start, range_size(range));
	return r ? fdt_fail(r, err) : 0;
}

int edit_memreserve_remove(struct buf *b, struct range range, struct err *err)
{
	for (int i = fdt_num_mem_rsv(b->ptr) - 1; i >= 0; i--) {
		uint64_t addr, size;
		int r = fdt_get_mem_rsv(b->ptr, i, &addr, &size);

		if (!r && addr == range.start && size == range_size(range))
			r = fdt_del_mem_rsv(b->ptr, i);
		if (r)
			return fdt_fail(r, err);
	}
	return 0;
}

/* /reserved-memory with the root's cells: the only form that Linux takes (drivers/of/fdt.c,
 * __reserved_mem_check_root()). */
static int reserved_parent(struct buf *b, struct err *err)
{
	static const char path[] = "reserved-memory";
	uint8_t addr[4], size[4];
	struct tree_cells c;
	int had = fdt_subnode_offset(b->ptr, 0, path), node, r;

	if (had >= 0)
		return had;
	r = root_cells(b, &c, err);
	if (r)
		return r;
	node = child(b, path, err);
	if (node < 0)
		return node;
	put_be(addr, c.addr, 4);
	put_be(size, c.size, 4);
	r = set(b, node, "ranges", span_of(NULL, 0), err);
	if (!r)
		r = set(b, node, "#size-cells", span_of(size, 4), err);
	if (!r)
		r = set(b, node, "#address-cells", span_of(addr, 4), err);
	return r ? r : node;
}

static int add_reserved(struct buf *b, const char *name, struct span reg, bool no_map,
			struct err *err)
{
	int parent = reserved_parent(b, err), node, r;

	if (parent < 0)
		return parent;
	node = fdt_add_subnode(b->ptr, parent, name);
	if (node == -FDT_ERR_EXISTS)
		return fail(err, EEXIST, "device tree has a /reserved-memory/%s", name);
	if (node < 0)
		return fdt_fail(node, err);
	r = no_map ? set(b, node, "no-map", span_of(NULL, 0), err) : 0;
	return r ? r : set(b, node, "reg", reg, err);
}

int edit_reserved(struct buf *b, const char *name, struct range range, bool no_map,
		  struct err *err)
{
	struct buf reg = BUF_INIT;
	char full[64];
	int r = encode(b, &range, 1, &reg, err);

	snprintf(full, sizeof(full), "%.40s@%llx", name, (unsigned long long)range.start);
	if (!r)
		r = room(b, SLACK, err);
	if (!r)
		r = add_reserved(b, full, buf_span(&reg), no_map, err);
	buf_done(&reg);
	return r;
}

static bool prop_is(const void *fdt, int node, const char *name, struct span value)
{
	int len = 0;
	const void *p = fdt_getprop(fdt, node, name, &len);

	return p && (size_t)len == value.len && !memcmp(p, value.ptr, value.len);
}

/*
 * Take away the children of @parent whose property @name is @value. They become NOPs, so that no
 * offset moves while we walk.
 */
static int nop_children(struct buf *b, int parent, const char *name, struct span value,
			struct err *err)
{
	int node = fdt_first_subnode(b->ptr, parent);

	while (node >= 0) {
		int next = fdt_next_subnode(b->ptr, node), r = 0;

		if (prop_is(b->ptr, node, name, value))
			r = fdt_nop_node(b->ptr, node);
		if (r)
			return fdt_fail(r, err);
		node = next;
	}
	return 0;
}

int edit_reserved_remove(struct buf *b, struct range range, struct err *err)
{
	struct buf reg = BUF_INIT;
	int parent = fdt_subnode_offset(b->ptr, 0, "reserved-memory"), r = 0;

	if (parent < 0)
		return 0;
	r = encode(b, &range, 1, &reg, err);
	if (!r)
		r = nop_children(b, parent, "reg", buf_span(&reg), err);
	buf_done(&reg);
	return r;
}

static int add_memory(struct buf *b, uint64_t start, struct span reg, struct err *err)
{
	static const char type[] = "memory";
	char name[32];
	int node, r;

	r = nop_children(b, 0, "device_type", span_of(type, sizeof(type)), err);
	if (r)
		return r;
	snprintf(name, sizeof(name), "memory@%llx", (unsigned long long)start);
	node = child(b, name, err);
	if (node < 0)
		return node;
	r = set(b, node, "reg", reg, err);
	return r ? r : set(b, node, "device_type", span_of(type, sizeof(type)), err);
}

int edit_memory(struct buf *b, const struct range *v, size_t n, struct err *err)
{
	struct buf reg = BUF_INIT;
	int r;

	if (!n)
		return fail(err, EINVAL, "a device tree without memory");
	r = encode(b, v, n, &reg, err);
	if (!r)
		r = room(b, reg.len + SLACK, err);
	if (!r)
		r = add_memory(b, v[0].start, buf_span(&reg), err);
	buf_done(&reg);
	return r;
}

int edit_pack(struct buf *b, struct err *err)
{
	int r = fdt_pack(b->ptr);

	if (r)
		return fdt_fail(r, err);
	b->len = fdt_totalsize(b->ptr);
	return 0;
}
