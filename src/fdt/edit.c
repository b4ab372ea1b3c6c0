/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fdt/edit_blob.h"

#include <stdlib.h>
#include <string.h>

#include "base/align.h"
#include "base/ckd.h"
#include "base/put.h"

/*
 * A node of 12 bytes in a blob takes 56 here, a property as much at most: a tree of TREE_MAX needs
 * no more than half of this, and what edits add to it stays bounded.
 */
enum { TAKEN_MAX = 16 * TREE_MAX, BLOCK = 64 << 10, PATH_MAX_LEN = 4096 };

/*
 * Names of properties with one hash. Of all names of a tree, a few hundred, not ten have the same;
 * a tree that is made for it could have all.
 */
enum { HASH_MAX = 128 };

/* All bytes of an edit lie in blocks that go together: nothing in them is freed alone. */
struct edit_block {
	struct edit_block *next;
	size_t used, size;
	_Alignas(8) uint8_t bytes[];
};

/* Each name of a property is kept once, as in the blob. */
struct edit_name {
	struct edit_name *next;
	uint32_t at; /* in the strings */
	char text[];
};

static int too_large(struct err *err)
{
	return fail(err, ENOTSUP, "device tree grows above 4 MiB");
}

/* @len bytes, aligned to 8; NULL with @r set. */
static void *take(struct edit *e, size_t len, int *r, struct err *err)
{
	struct edit_block *b = e->blocks;

	if (len > TREE_MAX || e->taken + len > TAKEN_MAX) {
		*r = too_large(err);
		return NULL;
	}
	len = (size_t)align_up(len, 8);
	if (!b || len > b->size - b->used) {
		size_t size = len > BLOCK ? len : BLOCK;

		b = malloc(sizeof(*b) + size);
		if (!b) {
			*r = fail(err, ENOMEM, "no memory for a device tree");
			return NULL;
		}
		*b = (struct edit_block){.next = e->blocks, .size = size};
		e->blocks = b;
	}
	void *p = b->bytes + b->used;

	b->used += len;
	e->taken += len;
	*r = 0;
	return p;
}

/* A copy of @len bytes and a NUL behind them. */
static void *keep(struct edit *e, const void *data, size_t len, int *r, struct err *err)
{
	char *p = take(e, len + 1, r, err);

	if (p && len)
		memcpy(p, data, len);
	if (p)
		p[len] = 0;
	return p;
}

static const struct edit_name *intern(struct edit *e, const char *name, int *r, struct err *err)
{
	size_t len = strlen(name);
	uint32_t hash = 2166136261; /* FNV-1a */

	for (const char *s = name; *s; s++)
		hash = (hash ^ (uint8_t)*s) * 16777619;
	struct edit_name **list = &e->names[(hash ^ hash >> 16) % 256], *n;
	unsigned same = 0;

	for (n = *list; n; n = n->next, same++)
		if (!strcmp(n->text, name))
			return n;
	if (same == HASH_MAX) {
		*r = fail(err, ENOTSUP, "device tree has too many names of properties");
		return NULL;
	}
	/* Names of a blob may overlap, and so be longer together than it is. */
	if (len > TREE_MAX || e->strings.len + len + 1 > TREE_MAX) {
		*r = too_large(err);
		return NULL;
	}
	n = take(e, sizeof(*n) + len + 1, r, err);
	if (!n)
		return NULL;
	*n = (struct edit_name){.next = *list, .at = (uint32_t)e->strings.len};
	memcpy(n->text, name, len + 1);
	if (buf_add(&e->strings, name, len + 1) < 0) {
		*r = fail(err, ENOMEM, "no memory for a device tree");
		return NULL;
	}
	return *list = n;
}

int edit_new(struct edit *e, struct err *err)
{
	int r;

	*e = (struct edit){0};
	e->root = take(e, sizeof(*e->root), &r, err);
	if (e->root)
		*e->root = (struct edit_node){.name = ""};
	return r;
}

void edit_done(struct edit *e)
{
	for (struct edit_block *b = e->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	vec_done(&e->reserved);
	buf_done(&e->strings);
	*e = (struct edit){0};
}

struct edit_node *edit_append(struct edit *e, struct edit_node *parent, struct edit_node **last,
			      struct span name, int *r, struct err *err)
{
	struct edit_node *n;

	if (parent->depth + 1 >= EDIT_DEPTH) {
		*r = fail(err, ENOTSUP, "device tree is deeper than %d nodes", EDIT_DEPTH);
		return NULL;
	}
	const char *copy = keep(e, name.ptr, name.len, r, err);

	n = copy ? take(e, sizeof(*n), r, err) : NULL;
	if (!n)
		return NULL;
	*n = (struct edit_node){.parent = parent, .name = copy, .depth = parent->depth + 1};
	*last = n;
	return n;
}

int edit_append_prop(struct edit *e, struct edit_prop **last, const char *name, struct span value,
		     struct err *err)
{
	int r = 0;
	const struct edit_name *known = intern(e, name, &r, err);
	const void *copy = known ? keep(e, value.ptr, value.len, &r, err) : NULL;
	struct edit_prop *p = copy ? take(e, sizeof(*p), &r, err) : NULL;

	if (!p)
		return r;
	*p = (struct edit_prop){
		.name = known->text, .value = span_of(copy, value.len), .name_at = known->at};
	*last = p;
	return 0;
}

/* True when @name is the node's, or its name less the unit address. */
static bool is_named(const struct edit_node *n, struct span name)
{
	if (strncmp(n->name, (const char *)name.ptr, name.len) != 0)
		return false;
	return !n->name[name.len] || (n->name[name.len] == '@' && !memchr(name.ptr, '@', name.len));
}

static struct edit_node *child_of(const struct edit_node *parent, struct span name, bool exact)
{
	for (struct edit_node *n = parent->child; n; n = n->next)
		if (is_named(n, name) && !(exact && n->name[name.len]))
			return n;
	return NULL;
}

struct edit_node *edit_child(const struct edit_node *parent, const char *name)
{
	return child_of(parent, span_of(name, strlen(name)), false);
}

/* The next word of @path, which is then behind it; empty at the end. */
static struct span next_word(const char **path)
{
	const char *s = *path + strspn(*path, "/");
	size_t len = strcspn(s, "/");

	*path = s + len;
	return span_of(s, len);
}

struct edit_node *edit_find(const struct edit *e, const char *path)
{
	struct edit_node *n = e->root;
	struct span word;

	while (n && (word = next_word(&path)).len)
		n = child_of(n, word, false);
	return n;
}

/* The child of exactly this name. */
static int add_child(struct edit *e, struct edit_node *parent, struct span name,
		     struct edit_node **out, struct err *err)
{
	struct edit_node **last = &parent->child, *n = child_of(parent, name, true);
	int r = 0;

	if (!name.len || memchr(name.ptr, '/', name.len))
		return fail(err, EINVAL, "the name of a node is empty or has a '/'");
	while (!n && *last)
		last = &(*last)->next;
	if (!n)
		n = edit_append(e, parent, last, name, &r, err);
	if (n)
		*out = n;
	return r;
}

int edit_add(struct edit *e, struct edit_node *parent, const char *name, struct edit_node **out,
	     struct err *err)
{
	return add_child(e, parent, span_of(name, strlen(name)), out, err);
}

static int make(struct edit *e, const char *path, bool exact, struct edit_node **out,
		struct err *err)
{
	struct edit_node *n = e->root;
	struct span word;
	int r = 0;

	while (!r && (word = next_word(&path)).len) {
		struct edit_node *had = child_of(n, word, exact);

		if (had)
			n = had;
		else
			r = add_child(e, n, word, &n, err);
	}
	if (!r)
		*out = n;
	return r;
}

int edit_make(struct edit *e, const char *path, struct edit_node **out, struct err *err)
{
	return make(e, path, false, out, err);
}

struct edit_node *edit_next(const struct edit_node *node)
{
	if (node->child)
		return node->child;
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}

int edit_path(const struct edit_node *node, char *out, size_t size)
{
	size_t len = node->parent ? 0 : 1;

	for (const struct edit_node *n = node; n->parent; n = n->parent)
		len += 1 + strlen(n->name);
	if (len >= size)
		return -EINVAL;
	out[0] = '/';
	out[len] = 0;
	for (const struct edit_node *n = node; n->parent; n = n->parent) {
		size_t name = strlen(n->name);

		memcpy(out + (len -= name), n->name, name);
		out[--len] = '/';
	}
	return 0;
}

void edit_remove(struct edit_node *node)
{
	struct edit_node **at = &node->parent->child;

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
}

static struct edit_prop *prop(const struct edit_node *node, const char *name)
{
	struct edit_prop *p = node->props;

	while (p && strcmp(p->name, name))
		p = p->next;
	return p;
}

struct span edit_get(const struct edit_node *node, const char *name)
{
	const struct edit_prop *p = prop(node, name);

	return p ? p->value : span_of(NULL, 0);
}

struct span edit_get_text(const struct edit_node *node, const char *name)
{
	struct span s = edit_get(node, name);

	if (s.ptr)
		s.len = strnlen((const char *)s.ptr, s.len);
	return s;
}

bool edit_get_number(const struct edit_node *node, const char *name, uint64_t *out)
{
	struct span s = edit_get(node, name);

	if (s.len != 4 && s.len != 8)
		return false;
	*out = get_be(s.ptr, (unsigned)s.len);
	return true;
}

int edit_set(struct edit *e, struct edit_node *node, const char *name, struct span value,
	     struct err *err)
{
	struct edit_prop **at = &node->props, *old = prop(node, name);
	int r = 0;

	if (!*name)
		return fail(err, EINVAL, "the name of a property is empty");
	if (old) {
		const void *copy = keep(e, value.ptr, value.len, &r, err);

		if (copy)
			old->value = span_of(copy, value.len);
		return r;
	}
	while (*at)
		at = &(*at)->next;
	return edit_append_prop(e, at, name, value, err);
}

int edit_set_text(struct edit *e, struct edit_node *node, const char *name, const char *text,
		  struct err *err)
{
	return edit_set(e, node, name, span_of(text, strlen(text) + 1), err);
}

int edit_set_u32(struct edit *e, struct edit_node *node, const char *name, uint32_t value,
		 struct err *err)
{
	uint8_t raw[4];

	put_be(raw, value, 4);
	return edit_set(e, node, name, span_of(raw, 4), err);
}

int edit_set_u64(struct edit *e, struct edit_node *node, const char *name, uint64_t value,
		 struct err *err)
{
	uint8_t raw[8];

	put_be(raw, value, 8);
	return edit_set(e, node, name, span_of(raw, 8), err);
}

static int one_or_two(const struct edit_node *n, const char *name, unsigned *out, struct err *err)
{
	uint64_t v = 1;

	if (edit_get(n, name).ptr && (!edit_get_number(n, name, &v) || v < 1 || v > 2))
		return fail(err, EBADMSG, "%s of the device tree's root is neither 1 nor 2", name);
	*out = (unsigned)v;
	return 0;
}

int edit_cells(const struct edit *e, struct tree_cells *out, struct err *err)
{
	int r = one_or_two(e->root, "#address-cells", &out->addr, err);

	return r ? r : one_or_two(e->root, "#size-cells", &out->size, err);
}

static int add_number(struct buf *out, uint64_t v, unsigned cells, struct err *err)
{
	uint8_t raw[8];

	if (cells == 1 && v > UINT32_MAX)
		return fail(err, EOVERFLOW, "0x%llx does not fit the device tree's 32-bit cells",
			    (unsigned long long)v);
	put_be(raw, v, 4 * cells);
	return buf_add(out, raw, 4ul * cells) < 0 ? fail(err, ENOMEM, "no memory for ranges") : 0;
}

int edit_set_ranges(struct edit *e, struct edit_node *node, const char *name, const struct range *v,
		    size_t n, struct err *err)
{
	struct buf list = BUF_INIT;
	struct tree_cells cells;
	int r = edit_cells(e, &cells, err);

	for (size_t i = 0; !r && i < n; i++) {
		r = add_number(&list, v[i].start, cells.addr, err);
		if (!r)
			r = add_number(&list, range_size(v[i]), cells.size, err);
	}
	if (!r)
		r = edit_set(e, node, name, buf_span(&list), err);
	buf_done(&list);
	return r;
}

bool edit_unset(struct edit_node *node, const char *name)
{
	struct edit_prop **at = &node->props;
	bool had = false;

	while (*at) {
		bool match = !strcmp((*at)->name, name);

		had |= match;
		if (match)
			*at = (*at)->next;
		else
			at = &(*at)->next;
	}
	return had;
}

int edit_put(struct edit *e, const char *path, struct span value, struct err *err)
{
	const char *name = strrchr(path, '/');
	struct edit_node *node = e->root;
	char parent[PATH_MAX_LEN];
	size_t len = name ? (size_t)(name - path) : 0;
	int r = 0;

	if (len >= sizeof(parent))
		return fail(err, EINVAL, "the path of a property is longer than %d bytes",
			    PATH_MAX_LEN);
	memcpy(parent, path, len);
	parent[len] = 0;
	r = make(e, parent, true, &node, err);
	return r ? r : edit_set(e, node, name ? name + 1 : path, value, err);
}
