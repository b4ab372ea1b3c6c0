/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ppc64 changes in the device tree of a load, beyond what arch/dtb.c does for all: Linux 6.1
 * arch/powerpc/kexec/file_load_64.c, setup_new_fdt_ppc64().
 */
#include <string.h>

#include "arch/crash.h"
#include "arch/ppc64/ppc64.h"
#include "base/align.h"
#include "base/put.h"

/* Flags of a memory block in ibm,dynamic-memory are not looked at: every block gets its answer. */
#define DRCONF "/ibm,dynamic-reconfiguration-memory"

/*
 * /chosen as the running kernel left it. Linux reads some of these in its own byte order, though it
 * exports them big-endian; all of them are the old kernel's.
 */
static const char *const stale[] = {
	"linux,crashkernel-base", "linux,crashkernel-size", "linux,kernel-end",
	"linux,htab-base",        "linux,htab-size",        "linux,memory-limit",
};

/*
 * Memory that the capture kernel may see: from 0, where its interrupt vectors must lie, to the end
 * of the crash region, and firmware's, which it goes on calling.
 */
static int usable_memory(const struct machine *m, struct range_list *out)
{
	struct range crash = m->crash.v[m->crash.n - 1];
	int r = ranges_add(out, (struct range){0, crash.end});

	if (!r && !range_empty(m->ppc64.rtas))
		r = ranges_add(out, m->ppc64.rtas);
	if (!r && !range_empty(m->ppc64.opal))
		r = ranges_add(out, m->ppc64.opal);
	for (size_t i = 0; !r && i < m->ppc64.tce.n; i++)
		r = ranges_add(out, m->ppc64.tce.v[i]);
	ranges_normalise(out);
	return r;
}

static uint64_t cells_at(const uint8_t *at, unsigned n)
{
	return get_be(at, 4 * n);
}

/* { address, size }... of @node's "reg", as one list. */
static int read_reg(const struct edit_node *node, struct tree_cells c, struct range_list *out)
{
	struct span reg = edit_get(node, "reg");
	size_t step = 4 * (size_t)(c.addr + c.size);
	int r = 0;

	for (size_t at = 0; !r && reg.len - at >= step && at < reg.len; at += step) {
		uint64_t start = cells_at(reg.ptr + at, c.addr);
		uint64_t size = cells_at(reg.ptr + at + 4 * c.addr, c.size);

		if (size && size <= UINT64_MAX - start)
			r = ranges_add(out, (struct range){start, start + size});
	}
	ranges_normalise(out);
	return r;
}

/* A node without usable memory says so by one empty range; without the property all were usable. */
static int limit_node(struct edit *e, struct edit_node *node, struct tree_cells c,
		      const struct range_list *usable, struct err *err)
{
	static const struct range nothing = {0, 0};
	struct range_list reg = {0}, mine = {0};
	int r = read_reg(node, c, &reg);

	if (!r)
		r = ranges_meet(&mine, &reg, usable);
	r = r < 0 ? fail(err, ENOMEM, "no memory for the memory map")
		  : edit_set_ranges(e, node, "linux,usable-memory", mine.n ? mine.v : &nothing,
				    mine.n ? mine.n : 1, err);
	ranges_done(&reg);
	ranges_done(&mine);
	return r;
}

/* -EOVERFLOW: @v needs more cells. */
static int put_cells(struct buf *out, uint64_t v, unsigned cells)
{
	uint8_t raw[8];

	if (cells == 1 && v > UINT32_MAX)
		return -EOVERFLOW;
	put_be(raw, v, 4 * cells);
	return buf_add(out, raw, 4 * cells);
}

/* One block of dynamic memory: how many ranges of it may be used, then those. */
static int add_block(struct buf *out, struct tree_cells c, struct range block,
		     const struct range_list *usable)
{
	const struct range_list one = {&block, 1, 1};
	struct range_list mine = {0};
	int r = ranges_meet(&mine, &one, usable);

	if (!r)
		r = put_cells(out, mine.n, c.size);
	for (size_t i = 0; !r && i < mine.n; i++) {
		r = put_cells(out, mine.v[i].start, c.addr);
		if (!r)
			r = put_cells(out, range_size(mine.v[i]), c.size);
	}
	ranges_done(&mine);
	return r;
}

/*
 * PAPR 13.5.3.10: ibm,lmb-size; ibm,dynamic-memory: a count, then per block its address (64 bits),
 * DRC index, reserved word, associativity index, flags. ibm,dynamic-memory-v2: a count, then per
 * set the number of blocks, the address of the first, DRC index, associativity index, flags.
 */
static int add_blocks(struct buf *out, struct tree_cells c, const struct edit_node *node,
		      const struct range_list *usable)
{
	struct span v1 = edit_get(node, "ibm,dynamic-memory");
	struct span v2 = edit_get(node, "ibm,dynamic-memory-v2");
	struct span list = v1.ptr ? v1 : v2;
	size_t step = 24;
	uint64_t size;
	int r = 0;

	if (!list.ptr || list.len < 4 || !edit_get_number(node, "ibm,lmb-size", &size) || !size)
		return 0;
	uint64_t n = get_be(list.ptr, 4);
	for (size_t at = 4; !r && n-- && list.len - at >= step; at += step) {
		uint64_t count = v1.ptr ? 1 : get_be(list.ptr + at, 4);
		uint64_t start = get_be(list.ptr + at + (v1.ptr ? 0 : 4), 8);

		for (; !r && count--; start += size) {
			if (size > UINT64_MAX - start || out->len > TREE_MAX)
				return -EBADMSG;
			r = add_block(out, c, (struct range){start, start + size}, usable);
		}
	}
	return r;
}

static int limit_dynamic(struct edit *e, struct tree_cells c, const struct range_list *usable,
			 struct err *err)
{
	struct edit_node *node = edit_find(e, DRCONF);
	struct buf list = BUF_INIT;
	int r = 0;

	if (!node)
		return 0;
	r = add_blocks(&list, c, node, usable);
	if (r == -EBADMSG)
		r = fail(err, EBADMSG, "%s has no end", DRCONF);
	else if (r == -EOVERFLOW)
		r = fail(err, EOVERFLOW, "%s: an address needs more cells than the root has",
			 DRCONF);
	else if (r)
		r = fail(err, ENOMEM, "no memory for the memory map");
	else
		r = edit_set(e, node, "linux,drconf-usable-memory", buf_span(&list), err);
	buf_done(&list);
	return r;
}

static int limit_memory(struct boot *b, struct edit *e, struct err *err)
{
	struct range_list usable = {0};
	struct tree_cells c;
	int r = edit_cells(e, &c, err);

	if (r)
		return r;
	r = usable_memory(b->m, &usable);
	if (r)
		r = fail(err, ENOMEM, "no memory for the memory map");
	for (struct edit_node *n = e->root->child; !r && n; n = n->next)
		if (dtb_is_memory(n))
			r = limit_node(e, n, c, &usable, err);
	if (!r)
		r = limit_dynamic(e, c, &usable, err);
	ranges_done(&usable);
	return r;
}

/* Old memory below the crash region, less what the purgatory saves; and where it saves it to. */
static int reserve_old(struct boot *b, struct edit *e, struct err *err)
{
	const struct boot_piece *backup = boot_find(b, SEG_BACKUP);
	struct range low = boot_backup_range(b);
	struct range old = {low.end, b->m->crash.v[b->m->crash.n - 1].start};
	int r = range_empty(old) ? 0 : edit_reserve(e, old, err);

	if (!r && backup)
		r = edit_reserve(
			e, (struct range){backup->place.at, backup->place.at + backup->place.size},
			err);
	return r;
}

static int more(struct boot *b, struct edit *e, bool placed, struct err *err)
{
	const struct ppc64_facts *f = &b->m->ppc64;
	struct edit_node *chosen = edit_find(e, "/chosen");
	int r = 0;

	(void)placed;
	for (size_t i = 0; chosen && i < sizeof(stale) / sizeof(*stale); i++)
		(void)edit_unset(chosen, stale[i]);
	e->boot_cpu = f->boot_cpu; /* the purgatory writes which one it really is */
	if (b->crash) {
		r = limit_memory(b, e, err);
		if (!r)
			r = reserve_old(b, e, err);
	}
	if (!r && !range_empty(f->rtas))
		r = edit_reserve(e, f->rtas, err);
	for (size_t i = 0; !r && i < f->tce.n; i++)
		r = edit_reserve(e, f->tce.v[i], err);
	return r;
}

/* Bytes of @n in a blob, its strings apart. */
static uint64_t node_size(const struct edit_node *n)
{
	uint64_t size = 8 + align_up(strlen(n->name) + 1, 4);

	for (const struct edit_prop *p = n->props; p; p = p->next)
		size += 12 + align_up(p->value.len, 4);
	return size;
}

/* Threads of a CPU's node: each has a number of 4 bytes. */
static size_t threads_of(const struct edit_node *cpu)
{
	size_t n = edit_get(cpu, "ibm,ppc-interrupt-server#s").len / 4;

	return n ? n : 1;
}

/*
 * Since Linux 6.11 the running kernel replaces all CPUs of a loaded tree when one comes or goes
 * (update_cpus_node(), arch/powerpc/kexec/core_64.c), inside the blob's own size. It writes more
 * into each than /proc/device-tree has: the property "name".
 */
static size_t room_for_cpus(const struct boot *b, const struct edit *e)
{
	enum { NAME = 12 + 32, STRINGS = 256 };
	const struct edit_node *cpus = edit_find(e, "/cpus");
	uint64_t now = 0, largest = 0, threads = 1, missing = 0;

	if (!boot_crash_hotplug(b) || !cpus)
		return 0;
	for (const struct edit_node *n = cpus->child; n; n = n->next) {
		uint64_t size = node_size(n);

		if (!dtb_is_cpu(n))
			continue;
		now++;
		threads = threads_of(n);
		largest = size > largest ? size : largest;
	}
	if (b->m->cpus_possible > b->m->cpus)
		missing = (b->m->cpus_possible - b->m->cpus + threads - 1) / threads;
	uint64_t room = now * NAME + missing * (largest + NAME) + STRINGS;

	return room < TREE_MAX ? (size_t)room : TREE_MAX;
}

const struct dtb_rules ppc64_dtb_rules = {
	.reserve_blob = true, .more = more, .slack = room_for_cpus};
