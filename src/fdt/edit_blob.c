/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fdt/edit_blob.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "base/align.h"
#include "base/ckd.h"
#include "base/put.h"

enum { HEADER_SIZE = 40, VERSION = 17, COMPATIBLE = 16 };

/* Where the next node and the next property go: the ends of the open nodes' lists. */
struct reader {
	const void *fdt;
	struct edit *e;
	struct edit_node *node; /* the open one; NULL before and behind the root */
	struct edit_node **child[EDIT_DEPTH];
	struct edit_prop **prop[EDIT_DEPTH];
};

static int begin(struct reader *d, int at, struct err *err)
{
	int len = 0, r = 0;
	const char *name = fdt_get_name(d->fdt, at, &len);
	struct edit_node *n = d->e->root;

	if (!name)
		return fail(err, EBADMSG, "device tree is damaged (%s)", fdt_strerror(len));
	if (d->node) {
		n = edit_append(d->e, d->node, d->child[d->node->depth], span_of(name, (size_t)len),
				&r, err);
		if (!n)
			return r;
		d->child[d->node->depth] = &n->next;
	}
	d->node = n;
	d->child[n->depth] = &n->child;
	d->prop[n->depth] = &n->props;
	return 0;
}

static int property(struct reader *d, int at, struct err *err)
{
	const char *name = NULL;
	int len = 0;
	const void *value = fdt_getprop_by_offset(d->fdt, at, &name, &len);
	int r;

	if (!value || !d->node)
		return fail(err, EBADMSG, "device tree has a property outside of its root");
	struct edit_prop ***last = &d->prop[d->node->depth];

	/* Behind a subnode no reader finds it, neither libfdt nor Linux. */
	if (d->node->child)
		return 0;
	r = edit_append_prop(d->e, *last, name, span_of(value, (size_t)len), err);
	if (!r)
		*last = &(**last)->next;
	return r;
}

static int read_nodes(struct reader *d, struct err *err)
{
	int at = 0, next = 0, r = 0;
	bool rooted = false;

	for (uint32_t tag; !r; at = next) {
		tag = fdt_next_tag(d->fdt, at, &next);
		if (tag == FDT_END)
			break;
		if (tag == FDT_BEGIN_NODE)
			r = begin(d, at, err);
		else if (tag == FDT_END_NODE)
			d->node = d->node ? d->node->parent : NULL;
		else if (tag == FDT_PROP)
			r = property(d, at, err);
		rooted |= tag == FDT_BEGIN_NODE;
	}
	return r || rooted ? r : fail(err, EBADMSG, "device tree has no root");
}

static int read_reserved(const void *fdt, struct edit *e, struct err *err)
{
	int n = fdt_num_mem_rsv(fdt);

	for (int i = 0; i < n; i++) {
		uint64_t addr, size;
		struct range r = {0};

		if (fdt_get_mem_rsv(fdt, i, &addr, &size) || ckd_add(&r.end, addr, size))
			return fail(err, EBADMSG, "reservation %d of the device tree passes 2^64",
				    i);
		r.start = addr;
		if (vec_push(&e->reserved, r) < 0)
			return fail(err, ENOMEM, "no memory for reservations");
	}
	return n < 0 ? fail(err, EBADMSG, "reservations of the device tree have no end") : 0;
}

int edit_open(const struct tree *t, struct edit *e, struct err *err)
{
	struct reader d = {.fdt = t->blob.ptr, .e = e};
	int r = edit_new(e, err);

	if (!r)
		r = read_reserved(d.fdt, e, err);
	if (!r)
		r = read_nodes(&d, err);
	if (!r)
		e->boot_cpu = fdt_boot_cpuid_phys(d.fdt);
	else
		edit_done(e);
	return r;
}

/* The blob is bounded: appending is what fails when it gets too large. */
static int put(struct buf *b, const void *data, size_t len)
{
	return len > TREE_MAX - b->len ? -ENOTSUP : buf_add(b, data, len);
}

static int put_number(struct buf *b, uint64_t v, unsigned bytes)
{
	uint8_t raw[8];

	put_be(raw, v, bytes);
	return put(b, raw, bytes);
}

/* Tokens and what follows them lie at multiples of 4, as does all before them. */
static int put_padded(struct buf *b, const void *data, size_t len)
{
	static const uint8_t zero[4];
	int r = put(b, data, len);

	return r ? r : put(b, zero, (size_t)align_up(len, 4) - len);
}

static int put_node(struct buf *b, const struct edit_node *n)
{
	int r = put_number(b, FDT_BEGIN_NODE, 4);

	if (!r)
		r = put_padded(b, n->name, strlen(n->name) + 1);
	for (const struct edit_prop *p = n->props; !r && p; p = p->next) {
		r = put_number(b, FDT_PROP, 4);
		if (!r)
			r = put_number(b, p->value.len, 4);
		if (!r)
			r = put_number(b, p->name_at, 4);
		if (!r)
			r = put_padded(b, p->value.ptr, p->value.len);
	}
	return r;
}

static int put_nodes(struct buf *b, const struct edit_node *root)
{
	const struct edit_node *n = root;
	int r = put_node(b, n);

	while (!r && n) {
		if (n->child) {
			n = n->child;
			r = put_node(b, n);
			continue;
		}
		/* Close all that ends here. */
		for (r = put_number(b, FDT_END_NODE, 4); !r && n != root && !n->next;) {
			n = n->parent;
			r = put_number(b, FDT_END_NODE, 4);
		}
		n = n == root ? NULL : n->next;
		if (!r && n)
			r = put_node(b, n);
	}
	return r ? r : put_number(b, FDT_END, 4);
}

static int put_reserved(struct buf *b, const struct edit *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < e->reserved.n; i++) {
		struct range range = e->reserved.v[i];

		/* An entry of size 0 would end the list. */
		if (range_empty(range))
			continue;
		r = put_number(b, range.start, 8);
		if (!r)
			r = put_number(b, range_size(range), 8);
	}
	if (!r)
		r = put_number(b, 0, 8);
	return r ? r : put_number(b, 0, 8);
}

static int put_all(struct buf *b, const struct edit *e, size_t slack)
{
	uint32_t fields[10] = {FDT_MAGIC, 0, 0, 0, HEADER_SIZE, VERSION, COMPATIBLE, e->boot_cpu};
	uint8_t header[HEADER_SIZE] = {0};
	int r = put(b, header, HEADER_SIZE);

	if (!r)
		r = put_reserved(b, e);
	fields[2] = (uint32_t)b->len;
	if (!r)
		r = put_nodes(b, e->root);
	fields[3] = (uint32_t)b->len;
	fields[9] = fields[3] - fields[2];
	fields[8] = (uint32_t)e->strings.len;
	if (!r)
		r = put(b, e->strings.ptr, e->strings.len);
	if (!r)
		r = slack > TREE_MAX - b->len ? -ENOTSUP : buf_zero(b, slack);
	fields[1] = (uint32_t)b->len;
	for (unsigned i = 0; !r && i < 10; i++)
		put_be(b->ptr + 4 * i, fields[i], 4);
	return r;
}

int edit_write(const struct edit *e, size_t slack, struct buf *out, struct err *err)
{
	struct buf b = BUF_INIT;
	int r = put_all(&b, e, slack);

	if (!r) {
		*out = b;
		return 0;
	}
	buf_done(&b);
	return r == -ENOTSUP ? fail(err, ENOTSUP, "device tree grows above 4 MiB")
			     : fail(err, ENOMEM, "no memory for a device tree");
}
