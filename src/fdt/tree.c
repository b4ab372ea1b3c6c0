/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fdt/tree.h"

#include <libfdt.h>
#include <string.h>

#include "base/align.h"
#include "base/ckd.h"
#include "base/cursor.h"
#include "base/put.h"

enum {
	OLDEST_VERSION = 16,
	WITH_STRUCT_SIZE = 17,
	HEADER_SIZE = 40,
	ALIGNMENT = 8,
	/* Of a property, with its NUL. The specification has 32 (2.2.4.1), real trees have more. */
	NAME_MAX_LEN = 256,
};

/* Where a node lies in the blob, for messages: names may hold any bytes. */
static unsigned place(const void *fdt, int node)
{
	return (unsigned)(fdt_off_dt_struct(fdt) + (uint32_t)node);
}

/* Behind the token of a property. Names may overlap, and all properties share the longest. */
static const char *property_fault(struct cursor *c, struct span names)
{
	uint32_t len = cursor_u32(c), name = cursor_u32(c);

	cursor_skip(c, align_up(len, 4));
	if (c->bad)
		return "a property passes the end";
	names = span_from(names, name);
	if (!names.len)
		return "a property's name lies behind the names";
	if (names.len > NAME_MAX_LEN)
		names.len = NAME_MAX_LEN;
	return memchr(names.ptr, 0, names.len) ? NULL
					       : "a property's name has no end within 256 bytes";
}

static const char *name_fault(struct cursor *c)
{
	const uint8_t *nul = memchr(c->in.ptr + c->pos, 0, c->in.len - c->pos);

	if (!nul)
		return "a node's name has no end";
	cursor_skip(c, align_up((uint64_t)(nul - c->in.ptr) - c->pos + 1, 4));
	return c->bad ? "a node's name passes the end" : NULL;
}

/* What is wrong with the next token, or NULL. @depth: nodes that are open. */
static const char *token_fault(struct cursor *c, uint32_t tag, struct span names, unsigned *depth)
{
	switch (tag) {
	case FDT_BEGIN_NODE:
		++*depth;
		return name_fault(c);
	case FDT_END_NODE:
		return (*depth)-- ? NULL : "a node ends that did not begin";
	case FDT_PROP:
		return property_fault(c, names);
	case FDT_NOP:
		return NULL;
	case FDT_END:
		return *depth ? "the tree ends inside a node" : NULL;
	default:
		return "this is no token";
	}
}

/*
 * libfdt says neither where a tree is damaged, nor (before 1.7) looks at a property's length before
 * it adds it: one of 0xfffffff4 leads back to the same token, and its walks never end. So this
 * comes first. What else there is to see is left to fdt_check_full().
 */
static int check_tokens(const void *fdt, struct err *err)
{
	struct span all = span_of(fdt, fdt_totalsize(fdt));
	uint64_t at = fdt_off_dt_struct(fdt);
	struct span nodes = fdt_version(fdt) < WITH_STRUCT_SIZE
				    ? span_from(all, at)
				    : span_sub(all, at, fdt_size_dt_struct(fdt));
	struct span names = span_sub(all, fdt_off_dt_strings(fdt), fdt_size_dt_strings(fdt));
	struct cursor c = cursor_be(nodes, 0);
	uint32_t tag = FDT_NOP;
	unsigned depth = 0;

	while (tag != FDT_END) {
		size_t here = c.pos;
		const char *why;

		tag = cursor_u32(&c);
		why = c.bad ? "the tree has no end" : token_fault(&c, tag, names, &depth);
		if (why)
			return fail_at(err, EBADMSG, at + here,
				       "device tree is damaged at 0x%llx: %s",
				       (unsigned long long)(at + here), why);
	}
	return 0;
}

bool tree_has_next(struct span blob)
{
	struct cursor c = cursor_be(blob, 0);
	uint32_t magic = cursor_u32(&c), size = cursor_u32(&c);
	struct cursor next = cursor_be(blob, size);

	return magic == FDT_MAGIC && size && cursor_u32(&next) == FDT_MAGIC && !next.bad;
}

int tree_open(struct span blob, struct tree *out, struct err *err)
{
	return tree_open_max(blob, TREE_MAX, out, err);
}

int tree_open_max(struct span blob, uint32_t max, struct tree *out, struct err *err)
{
	const void *fdt = blob.ptr;
	int r;

	if (blob.len < 4 || get_be(blob.ptr, 4) != FDT_MAGIC)
		return -ENOEXEC;
	if ((uintptr_t)fdt % ALIGNMENT)
		return fail(err, EINVAL, "device tree is not aligned to 8 bytes");
	if (blob.len < HEADER_SIZE)
		return fail_at(err, EBADMSG, blob.len, "device tree ends in its header at 0x%zx",
			       blob.len);
	if (fdt_totalsize(fdt) > blob.len)
		return fail_at(err, EBADMSG, 4, "device tree ends at 0x%zx, its header says 0x%x",
			       blob.len, (unsigned)fdt_totalsize(fdt));
	if (fdt_totalsize(fdt) > max)
		return fail_at(err, ENOTSUP, 4, "device tree of 0x%x bytes is larger than 0x%x",
			       (unsigned)fdt_totalsize(fdt), (unsigned)max);
	if (fdt_version(fdt) < OLDEST_VERSION)
		return fail_at(err, ENOTSUP, 20, "device tree version %u is older than 16",
			       (unsigned)fdt_version(fdt));
	r = check_tokens(fdt, err);
	if (r)
		return r;
	r = fdt_check_full(fdt, fdt_totalsize(fdt));
	if (r)
		return fail(err, EBADMSG, "device tree is damaged (%s)", fdt_strerror(r));
	out->blob = span_sub(blob, 0, fdt_totalsize(fdt));
	return 0;
}

/* A property's bytes; NULL ptr if there is none. An empty one has a ptr. */
static struct span prop(const void *fdt, int node, const char *name)
{
	int len = 0;
	const void *p = fdt_getprop(fdt, node, name, &len);

	return p && len >= 0 ? span_of(p, (size_t)len) : span_of(NULL, 0);
}

/* Texts end with a NUL, which is not part of the span. */
static struct span prop_text(const void *fdt, int node, const char *name)
{
	struct span s = prop(fdt, node, name);

	if (s.ptr)
		s.len = strnlen((const char *)s.ptr, s.len);
	return s;
}

static bool text_is(struct span s, const char *word)
{
	return s.len == strlen(word) && !memcmp(s.ptr, word, s.len);
}

/* drivers/of/fdt.c, of_fdt_device_is_available(). */
static bool available(const void *fdt, int node)
{
	struct span s = prop_text(fdt, node, "status");

	return !s.ptr || text_is(s, "okay") || text_is(s, "ok");
}

static int cells_of(const void *fdt, int node, const char *name, unsigned otherwise, unsigned *out,
		    struct err *err)
{
	struct span s = prop(fdt, node, name);
	uint64_t v = s.len == 4 ? get_be(s.ptr, 4) : 0;

	if (s.ptr && (v < 1 || v > 2))
		return fail_at(err, EBADMSG, place(fdt, node),
			       "%s of the node at 0x%x is neither 1 nor 2", name, place(fdt, node));
	*out = s.ptr ? (unsigned)v : otherwise;
	return 0;
}

static int node_cells(const void *fdt, int node, struct tree_cells otherwise,
		      struct tree_cells *out, struct err *err)
{
	int r = cells_of(fdt, node, "#address-cells", otherwise.addr, &out->addr, err);

	return r ? r : cells_of(fdt, node, "#size-cells", otherwise.size, &out->size, err);
}

/* What Linux assumes where the root has none: OF_ROOT_NODE_{ADDR,SIZE}_CELLS_DEFAULT. */
int tree_cells(const struct tree *t, struct tree_cells *out, struct err *err)
{
	return node_cells(t->blob.ptr, 0, (struct tree_cells){1, 1}, out, err);
}

/* The range at the front of @rest, which is then behind it. False: it passes 2^64. */
static bool take_range(struct tree_cells c, struct span *rest, struct range *out)
{
	size_t addr = 4ul * c.addr, size = 4ul * c.size;

	out->start = get_be(rest->ptr, (unsigned)addr);
	uint64_t len = get_be(rest->ptr + addr, (unsigned)size);

	*rest = span_from(*rest, addr + size);
	return !ckd_add(&out->end, out->start, len);
}

/* Every { address, size } of @list; those of size 0 say nothing. */
static int add_list(const void *fdt, int node, struct tree_cells c, struct span list,
		    struct tree_ranges *out, struct err *err)
{
	size_t each = 4ul * (c.addr + c.size);
	bool no_map = prop(fdt, node, "no-map").ptr;

	if (list.len % each)
		return fail_at(err, EBADMSG, place(fdt, node),
			       "reg of the node at 0x%x has %zu bytes, no multiple of %zu",
			       place(fdt, node), list.len, each);
	while (list.len) {
		struct tree_range r = {.no_map = no_map};

		if (!take_range(c, &list, &r.at))
			return fail_at(err, EBADMSG, place(fdt, node),
				       "reg of the node at 0x%x: 0x%llx and its size pass 2^64",
				       place(fdt, node), (unsigned long long)r.at.start);
		if (!range_empty(r.at) && vec_push(out, r) < 0)
			return fail(err, ENOMEM, "no memory for the ranges of a device tree");
	}
	return 0;
}

int tree_memory(const struct tree *t, struct tree_ranges *out, struct err *err)
{
	const void *fdt = t->blob.ptr;
	struct tree_cells c;
	int node, r = tree_cells(t, &c, err);

	for (node = fdt_first_subnode(fdt, 0); !r && node >= 0;
	     node = fdt_next_subnode(fdt, node)) {
		struct span list = prop(fdt, node, "linux,usable-memory");

		if (!text_is(prop_text(fdt, node, "device_type"), "memory") ||
		    !available(fdt, node))
			continue;
		if (!list.ptr)
			list = prop(fdt, node, "reg");
		r = add_list(fdt, node, c, list, out, err);
	}
	return r;
}

static int add_memreserve(const void *fdt, struct tree_ranges *out, struct err *err)
{
	int n = fdt_num_mem_rsv(fdt);

	if (n < 0)
		return fail(err, EBADMSG, "reservations of the device tree have no end");
	for (int i = 0; i < n; i++) {
		struct tree_range r = {0};
		uint64_t addr, size;

		if (fdt_get_mem_rsv(fdt, i, &addr, &size) || ckd_add(&r.at.end, addr, size))
			return fail(err, EBADMSG, "reservation %d of the device tree passes 2^64",
				    i);
		r.at.start = addr;
		if (size && vec_push(out, r) < 0)
			return fail(err, ENOMEM, "no memory for the ranges of a device tree");
	}
	return 0;
}

int tree_reserved(const struct tree *t, struct tree_ranges *out, struct err *err)
{
	const void *fdt = t->blob.ptr;
	struct tree_cells root, c;
	int parent = fdt_path_offset(fdt, "/reserved-memory"), node;
	int r = tree_cells(t, &root, err);

	if (!r)
		r = add_memreserve(fdt, out, err);
	if (r || parent < 0)
		return r;
	r = node_cells(fdt, parent, root, &c, err);
	for (node = fdt_first_subnode(fdt, parent); !r && node >= 0;
	     node = fdt_next_subnode(fdt, node)) {
		if (available(fdt, node))
			r = add_list(fdt, node, c, prop(fdt, node, "reg"), out, err);
	}
	return r;
}

/* A number of one or two cells, as wide as it is; 0 where there is none. */
static int number(const void *fdt, int node, const char *name, uint64_t *out, struct err *err)
{
	struct span s = prop(fdt, node, name);

	if (s.ptr && s.len != 4 && s.len != 8)
		return fail_at(err, EBADMSG, place(fdt, node),
			       "%s of the node at 0x%x has %zu bytes, no 4 or 8", name,
			       place(fdt, node), s.len);
	*out = s.ptr ? get_be(s.ptr, (unsigned)s.len) : 0;
	return 0;
}

static int chosen_numbers(const void *fdt, int node, struct tree_chosen *out, struct err *err)
{
	uint64_t base, size;
	int r = number(fdt, node, "linux,initrd-start", &out->initrd.start, err);

	if (!r)
		r = number(fdt, node, "linux,initrd-end", &out->initrd.end, err);
	if (!r)
		r = number(fdt, node, "linux,crashkernel-base", &base, err);
	if (!r)
		r = number(fdt, node, "linux,crashkernel-size", &size, err);
	if (r)
		return r;
	out->crash.start = base;
	if (ckd_add(&out->crash.end, base, size))
		return fail_at(err, EBADMSG, place(fdt, node),
			       "linux,crashkernel-size of the node at 0x%x passes 2^64",
			       place(fdt, node));
	return 0;
}

/* The ranges of a property of /chosen, in the root's cells. */
static int chosen_ranges(const void *fdt, int node, struct tree_cells c, const char *name,
			 struct tree_ranges *out, struct err *err)
{
	struct span list = prop(fdt, node, name);
	int r = add_list(fdt, node, c, list, out, err);

	return wrap(err, r, "%s", name);
}

int tree_chosen(const struct tree *t, struct tree_chosen *out, struct err *err)
{
	const void *fdt = t->blob.ptr;
	struct tree_chosen ch = {0};
	struct tree_ranges usable = {0}, header = {0};
	struct tree_cells c;
	int node = fdt_path_offset(fdt, "/chosen"), r = tree_cells(t, &c, err);

	if (!r && node >= 0) {
		ch.bootargs = prop_text(fdt, node, "bootargs");
		ch.stdout_path = prop_text(fdt, node, "stdout-path");
		if (!ch.stdout_path.ptr)
			ch.stdout_path = prop_text(fdt, node, "linux,stdout-path");
		ch.kaslr_seed = prop(fdt, node, "kaslr-seed").ptr;
		ch.rng_seed = prop(fdt, node, "rng-seed").ptr;
		r = chosen_numbers(fdt, node, &ch, err);
		if (!r)
			r = chosen_ranges(fdt, node, c, "linux,elfcorehdr", &header, err);
		if (!r)
			r = chosen_ranges(fdt, node, c, "linux,usable-memory-range", &usable, err);
	}
	if (header.n)
		ch.elfcorehdr = header.v[0].at;
	for (ch.nusable = 0; ch.nusable < 2 && ch.nusable < usable.n; ch.nusable++)
		ch.usable[ch.nusable] = usable.v[ch.nusable].at;
	vec_done(&header);
	vec_done(&usable);
	if (!r)
		*out = ch;
	return r;
}

int tree_cpus(const struct tree *t, struct tree_cpus *out, struct err *err)
{
	const void *fdt = t->blob.ptr;
	int parent = fdt_path_offset(fdt, "/cpus"), node, r = 0;

	if (parent < 0)
		return 0;
	for (node = fdt_first_subnode(fdt, parent); !r && node >= 0;
	     node = fdt_next_subnode(fdt, node)) {
		struct tree_cpu cpu = {.available = available(fdt, node), .threads = 1};
		struct span servers = prop(fdt, node, "ibm,ppc-interrupt-server#s");

		if (!text_is(prop_text(fdt, node, "device_type"), "cpu"))
			continue;
		if (servers.len >= 4)
			cpu.threads = (unsigned)(servers.len / 4);
		r = number(fdt, node, "reg", &cpu.id, err);
		if (!r && vec_push(out, cpu) < 0)
			r = fail(err, ENOMEM, "no memory for the CPUs of a device tree");
	}
	return r;
}
