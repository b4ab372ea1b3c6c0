/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/dt_ppc64.h"

#include "base/ckd.h"
#include "base/cursor.h"
#include "fdt/edit.h"

/* Flags of a logical memory block: arch/powerpc/include/asm/drmem.h */
enum { LMB_ASSIGNED = 0x8, LMB_RESERVED = 0x80 };

#define LMB_DIR "/ibm,dynamic-reconfiguration-memory"

static int no_memory(struct err *err)
{
	return fail(err, ENOMEM, "no memory for the ranges of a device tree");
}

/* Blocks of @size bytes from @base, @n of them. */
static int add_blocks(struct dt_ppc64 *d, uint64_t base, uint64_t size, uint64_t n, struct err *err)
{
	struct range r = {.start = base};
	uint64_t all;

	if (ckd_mul(&all, size, n) || ckd_add(&r.end, base, all))
		return fail(err, EBADMSG, "dynamic memory at 0x%llx passes 2^64",
			    (unsigned long long)base);
	if (range_empty(r))
		return 0;
	return ranges_add(&d->memory, r) < 0 ? no_memory(err) : 0;
}

/*
 * Version 1 tells of each block: address, three words, flags. Version 2 of runs of blocks: their
 * number, address, two words, flags.
 */
static int read_blocks(struct dt_ppc64 *d, struct span list, bool v2, struct tree_cells cells,
		       uint64_t size, struct err *err)
{
	struct cursor c = cursor_be(list, 0);
	uint32_t n = cursor_u32(&c);
	int r = 0;

	for (uint32_t i = 0; i < n && !r; i++) {
		uint32_t run = v2 ? cursor_u32(&c) : 1;
		uint64_t base = cursor_uint(&c, 4 * cells.addr);

		cursor_skip(&c, v2 ? 8 : 12);
		uint32_t flags = cursor_u32(&c);
		if (c.bad)
			return fail(err, EBADMSG, "dynamic memory ends in block %u of %u", i, n);
		if ((flags & LMB_ASSIGNED) && !(flags & LMB_RESERVED))
			r = add_blocks(d, base, size, run, err);
	}
	return r;
}

static int read_dynamic(const struct edit *e, struct dt_ppc64 *d, struct err *err)
{
	const struct edit_node *node = edit_find(e, LMB_DIR);
	struct tree_cells cells;
	int r = edit_cells(e, &cells, err);

	if (r || !node)
		return r;
	struct span v1 = edit_get(node, "ibm,dynamic-memory");
	struct span v2 = edit_get(node, "ibm,dynamic-memory-v2");
	struct span size = edit_get(node, "ibm,lmb-size");

	if (!v1.ptr && !v2.ptr)
		return 0;
	if (size.len != 4ul * cells.size)
		return fail(err, EBADMSG, "ibm,lmb-size has %zu bytes, not %u", size.len,
			    4 * cells.size);
	struct cursor c = cursor_be(size, 0);
	uint64_t lmb = cursor_uint(&c, (unsigned)size.len);
	return read_blocks(d, v1.ptr ? v1 : v2, !v1.ptr, cells, lmb, err);
}

/* Two properties, both there: a range that is reserved. */
static int read_pair(const struct edit_node *node, const char *base, const char *size,
		     struct range *out, struct dt_ppc64 *d, struct err *err)
{
	struct range r = {0};
	uint64_t len;

	*out = r;
	if (!node || !edit_get_number(node, base, &r.start) || !edit_get_number(node, size, &len) ||
	    !len)
		return 0;
	if (ckd_add(&r.end, r.start, len))
		return fail(err, EBADMSG, "%s of the node '%s' passes 2^64", size, node->name);
	*out = r;
	return ranges_add(&d->reserved, r) < 0 ? no_memory(err) : 0;
}

/* Pairs of 64-bit address and size at the root: OPAL before /reserved-memory (prom.c). */
static int read_reserved(const struct edit *e, struct dt_ppc64 *d, struct err *err)
{
	struct span list = edit_get(e->root, "reserved-ranges");
	struct cursor c = cursor_be(list, 0);

	for (size_t i = 0; i < list.len / 16; i++) {
		struct range r = {.start = cursor_u64(&c)};

		if (ckd_add(&r.end, r.start, cursor_u64(&c)))
			return fail(err, EBADMSG, "reserved-ranges: entry %zu passes 2^64", i);
		if (!range_empty(r) && ranges_add(&d->reserved, r) < 0)
			return no_memory(err);
	}
	return 0;
}

static int read_tce(const struct edit *e, struct dt_ppc64 *d, struct err *err)
{
	int r = 0;

	for (struct edit_node *n = e->root->child; n && !r; n = n->next) {
		struct range tce;

		r = read_pair(n, "linux,tce-base", "linux,tce-size", &tce, d, err);
		if (!r && !range_empty(tce) && ranges_add(&d->facts.tce, tce) < 0)
			r = no_memory(err);
	}
	ranges_normalise(&d->facts.tce);
	return r;
}

static int read_firmware(const struct edit *e, struct dt_ppc64 *d, struct err *err)
{
	const struct edit_node *opal = edit_find(e, "/ibm,opal"), *chosen = edit_find(e, "/chosen");
	struct ppc64_facts *f = &d->facts;
	int r = read_pair(opal, "opal-base-address", "opal-runtime-size", &f->opal, d, err);

	f->powernv = opal;
	if (opal && !edit_get_number(opal, "opal-base-address", &f->opal_base))
		f->opal_base = 0;
	if (opal && !edit_get_number(opal, "opal-entry-address", &f->opal_entry))
		f->opal_entry = 0;
	if (!r)
		r = read_pair(edit_find(e, "/rtas"), "linux,rtas-base", "rtas-size", &f->rtas, d,
			      err);
	if (!r)
		r = read_pair(chosen, "linux,htab-base", "linux,htab-size", &f->htab, d, err);
	if (chosen && !edit_get_number(chosen, "linux,kernel-end", &f->kernel_end))
		f->kernel_end = 0;
	return r;
}

/* The real mode area ends with the lowest range: what the tree calls one is not merged here. */
static int read_rma(const struct tree *t, struct dt_ppc64 *d, struct err *err)
{
	struct tree_ranges memory = {0};
	struct range lowest = {UINT64_MAX, UINT64_MAX};
	int r = tree_memory(t, &memory, err);

	for (size_t i = 0; i < memory.n; i++)
		if (memory.v[i].at.start < lowest.start)
			lowest = memory.v[i].at;
	for (size_t i = 0; i < d->memory.n; i++)
		if (d->memory.v[i].start < lowest.start)
			lowest = d->memory.v[i];
	d->facts.rma_end = lowest.start == UINT64_MAX ? 0 : lowest.end;
	vec_done(&memory);
	return r;
}

int dt_ppc64_parse(const struct tree *t, struct dt_ppc64 *out, struct err *err)
{
	struct edit e;
	int r = edit_open(t, &e, err);

	if (r)
		return r;
	r = read_dynamic(&e, out, err);
	if (!r)
		r = read_rma(t, out, err);
	if (!r)
		r = read_reserved(&e, out, err);
	if (!r)
		r = read_tce(&e, out, err);
	if (!r)
		r = read_firmware(&e, out, err);
	out->facts.boot_cpu = e.boot_cpu;
	ranges_normalise(&out->memory);
	ranges_normalise(&out->reserved);
	edit_done(&e);
	return r;
}

void dt_ppc64_done(struct dt_ppc64 *d)
{
	ranges_done(&d->memory);
	ranges_done(&d->reserved);
	ranges_done(&d->facts.tce);
}
