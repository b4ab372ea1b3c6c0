/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/dt.h"

#include <string.h>

#include "base/align.h"
#include "fdt/tree.h"
#include "machine/dt_ppc64.h"
#include "machine/memmap.h"
#include "machine/va.h"

#define PAGE_MAX 65536u /* the largest page of any CPU here */

/* What is put together here before it replaces anything in struct machine. */
struct found {
	struct tree_ranges memory, reserved;
	struct tree_cpus cpus;
	struct tree_chosen chosen;
	struct dt_ppc64 ppc64;
	struct mem_map firmware;
	struct range_list ram, system_ram, crash;
	struct range kernel;
	struct buf cmdline;
};

static void found_done(struct found *f)
{
	vec_done(&f->memory);
	vec_done(&f->reserved);
	vec_done(&f->cpus);
	dt_ppc64_done(&f->ppc64);
	vec_done(&f->firmware);
	ranges_done(&f->ram);
	ranges_done(&f->system_ram);
	ranges_done(&f->crash);
	buf_done(&f->cmdline);
}

static bool is_ppc64(const struct machine *m)
{
	return !strncmp(m->arch, "ppc64", 5);
}

/* Boot loaders reserve the initrd that they load, in whole pages. */
static bool is_old_initrd(const struct found *f, struct range at)
{
	struct range initrd = f->chosen.initrd;

	return !range_empty(initrd) &&
	       align_down(at.start, PAGE_MAX) == align_down(initrd.start, PAGE_MAX) &&
	       align_up(at.end, PAGE_MAX) == align_up(initrd.end, PAGE_MAX);
}

/* All reservations, or those that the kernel may not even map. Normal. */
static int reservations(const struct found *f, bool only_no_map, struct range_list *out)
{
	const struct range_list *firmware = &f->ppc64.reserved;
	int r = 0;

	for (size_t i = 0; !r && i < f->reserved.n; i++)
		if (only_no_map ? f->reserved.v[i].no_map
				: !is_old_initrd(f, f->reserved.v[i].at))
			r = ranges_add(out, f->reserved.v[i].at);
	for (size_t i = 0; !r && !only_no_map && i < firmware->n; i++)
		r = ranges_add(out, firmware->v[i]);
	ranges_normalise(out);
	return r;
}

/* Reservations that begin where memory does, and all that touches them. */
static int add_protected(const struct range_list *reserved, const struct range_list *memory,
			 struct range_list *out)
{
	size_t k = 0;
	int r = 0;

	for (size_t i = 0; !r && i < reserved->n; i++) {
		while (k < memory->n && memory->v[k].start < reserved->v[i].start)
			k++;
		if (k < memory->n && memory->v[k].start == reserved->v[i].start)
			r = ranges_add(out, reserved->v[i]);
	}
	ranges_normalise(out);
	return r;
}

/* The tree's memory; what iomem knew bounds it (mem=, a capture kernel's part). */
static int tree_memory_list(const struct found *f, const struct machine *m, struct range_list *out)
{
	struct range_list all = {0};
	int r = 0;

	for (size_t i = 0; !r && i < f->memory.n; i++)
		r = ranges_add(&all, f->memory.v[i].at);
	for (size_t i = 0; !r && i < f->ppc64.memory.n; i++)
		r = ranges_add(&all, f->ppc64.memory.v[i]);
	ranges_normalise(&all);
	if (!r)
		r = m->system_ram.n ? ranges_meet(out, &all, &m->system_ram)
				    : ranges_copy(out, &all);
	ranges_done(&all);
	return r;
}

/* @f->ram and @f->system_ram before the tree's reservations go. */
static int base_memory(struct found *f, const struct machine *m)
{
	bool by_tree = is_ppc64(m) || !m->system_ram.n;
	int r;

	if (by_tree && (f->memory.n || f->ppc64.memory.n)) {
		r = tree_memory_list(f, m, &f->system_ram);
		return r ? r : ranges_copy(&f->ram, &f->system_ram);
	}
	r = ranges_copy(&f->system_ram, &m->system_ram);
	return r ? r : ranges_copy(&f->ram, &m->ram);
}

static int replace(struct range_list *l, const struct range_list *without)
{
	struct range_list left = {0};
	int r = ranges_subtract(&left, l, without);

	if (!r) {
		ranges_done(l);
		*l = left;
	}
	return r;
}

/* The kernel refuses segments below its own end on ppc64. */
static int keep_kernel(struct found *f, const struct machine *m)
{
	uint64_t end = f->ppc64.facts.kernel_end, offset;

	f->kernel = m->kernel;
	if (!end)
		return 0;
	f->kernel = (struct range){0, end};
	if (machine_linear_offset(m, &offset) && m->stext_va - offset < end)
		f->kernel.start = m->stext_va - offset;
	return ranges_exclude(&f->ram, (struct range){0, end});
}

static int subtract(struct found *f, const struct machine *m, struct range_list *reserved)
{
	struct range_list hidden = {0};
	int r = base_memory(f, m);

	if (!r)
		r = reservations(f, false, reserved);
	if (!r)
		r = reservations(f, true, &hidden);
	if (!r && !strcmp(m->arch, "riscv64"))
		r = add_protected(reserved, &f->system_ram, &hidden);
	if (!r)
		r = replace(&f->system_ram, &hidden);
	if (!r)
		r = replace(&f->ram, reserved);
	if (!r)
		r = replace(&f->ram, &hidden);
	ranges_done(&hidden);
	return r ? r : keep_kernel(f, m);
}

/* The firmware's map as iomem showed it, or the tree's memory; then the tree's reservations. */
static int make_map(struct found *f, const struct machine *m, const struct range_list *reserved,
		    struct err *err)
{
	bool by_iomem = m->firmware.n && !is_ppc64(m);
	int r = 0;

	for (size_t i = 0; !r && by_iomem && i < m->firmware.n; i++)
		r = vec_push(&f->firmware, m->firmware.v[i]);
	for (size_t i = 0; !r && !by_iomem && i < f->system_ram.n; i++)
		r = vec_push(&f->firmware, ((struct mem_range){f->system_ram.v[i], MEM_RAM}));
	for (size_t i = 0; !r && i < reserved->n; i++)
		r = vec_push(&f->firmware, ((struct mem_range){reserved->v[i], MEM_RESERVED}));
	for (size_t i = 0; !r && i < f->reserved.n; i++)
		if (f->reserved.v[i].no_map)
			r = vec_push(&f->firmware,
				     ((struct mem_range){f->reserved.v[i].at, MEM_RESERVED}));
	return r ? r : memmap_settle(&f->firmware, err);
}

static int combine(struct found *f, const struct machine *m, struct err *err)
{
	struct range_list reserved = {0};
	int r = subtract(f, m, &reserved);

	if (!r)
		r = make_map(f, m, &reserved, err);
	if (!r && m->crash.n)
		r = ranges_copy(&f->crash, &m->crash);
	else if (!r && !range_empty(f->chosen.crash))
		r = ranges_add(&f->crash, f->chosen.crash);
	if (!r)
		r = buf_add(&f->cmdline, f->chosen.bootargs.ptr, f->chosen.bootargs.len);
	ranges_done(&reserved);
	return r < 0 ? fail(err, ENOMEM, "no memory for the facts of a device tree") : 0;
}

static int gather(const struct tree *t, const struct machine *m, struct found *f, struct err *err)
{
	int r = tree_memory(t, &f->memory, err);

	if (!r && is_ppc64(m))
		r = dt_ppc64_parse(t, &f->ppc64, err);
	if (!r && !f->memory.n && !f->ppc64.memory.n && !m->system_ram.n && !m->addresses_hidden)
		return fail(err, ENOTSUP,
			    "device tree has no memory: its machine's map is that of EFI");
	if (!r)
		r = tree_reserved(t, &f->reserved, err);
	if (!r)
		r = tree_chosen(t, &f->chosen, err);
	if (!r)
		r = tree_cpus(t, &f->cpus, err);
	return r ? r : combine(f, m, err);
}

#define SWAP(a, b)                                                                                 \
	do {                                                                                       \
		__typeof__(a) swap = (a);                                                          \
		(a) = (b);                                                                         \
		(b) = swap;                                                                        \
	} while (0)

int dt_facts(struct span blob, struct machine *m, struct err *err)
{
	struct found f = {0};
	struct tree t;
	unsigned cpus = 0;
	int r = tree_open(blob, &t, err);

	if (!r)
		r = gather(&t, m, &f, err);
	if (!r) {
		for (size_t i = 0; i < f.cpus.n; i++)
			cpus += f.cpus.v[i].available ? f.cpus.v[i].threads : 0;
		SWAP(m->firmware, f.firmware);
		SWAP(m->ram, f.ram);
		SWAP(m->system_ram, f.system_ram);
		SWAP(m->crash, f.crash);
		if (!m->cmdline.len)
			SWAP(m->cmdline, f.cmdline);
		SWAP(m->ppc64, f.ppc64.facts);
		m->kernel = f.kernel;
		m->cpus = m->cpus ? m->cpus : cpus;
	}
	found_done(&f);
	return r;
}
