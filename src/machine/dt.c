/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/dt.h"

#include "fdt/tree.h"
#include "machine/memmap.h"

/* What is put together here before it replaces anything in struct machine. */
struct found {
	struct tree_ranges memory, reserved;
	struct tree_cpus cpus;
	struct tree_chosen chosen;
	struct mem_map firmware;
	struct range_list ram, system_ram, crash;
	struct buf cmdline;
};

static void found_done(struct found *f)
{
	vec_done(&f->memory);
	vec_done(&f->reserved);
	vec_done(&f->cpus);
	vec_done(&f->firmware);
	ranges_done(&f->ram);
	ranges_done(&f->system_ram);
	ranges_done(&f->crash);
	buf_done(&f->cmdline);
}

static int add_map(struct found *f, const struct tree_ranges *l, enum mem_kind kind)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct mem_range r = {l->v[i].at, kind};

		if (vec_push(&f->firmware, r) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int add_ranges(struct range_list *out, const struct tree_ranges *l, bool only_no_map)
{
	for (size_t i = 0; i < l->n; i++)
		if ((!only_no_map || l->v[i].no_map) && ranges_add(out, l->v[i].at) < 0)
			return -ENOMEM;
	ranges_normalise(out);
	return 0;
}

static int subtract(struct found *f)
{
	struct range_list memory = {0}, reserved = {0}, hidden = {0};
	int r = add_ranges(&memory, &f->memory, false);

	if (!r)
		r = add_ranges(&reserved, &f->reserved, false);
	if (!r)
		r = add_ranges(&hidden, &f->reserved, true);
	if (!r)
		r = ranges_subtract(&f->ram, &memory, &reserved);
	if (!r)
		r = ranges_subtract(&f->system_ram, &memory, &hidden);
	if (!r && !range_empty(f->chosen.crash))
		r = ranges_add(&f->crash, f->chosen.crash);
	ranges_done(&memory);
	ranges_done(&reserved);
	ranges_done(&hidden);
	return r;
}

static int gather(const struct tree *t, struct found *f, struct err *err)
{
	int r = tree_memory(t, &f->memory, err);

	if (!r && !f->memory.n)
		return fail(err, ENOTSUP,
			    "device tree has no memory: its machine's map is that of EFI");
	if (!r)
		r = tree_reserved(t, &f->reserved, err);
	if (!r)
		r = tree_chosen(t, &f->chosen, err);
	if (!r)
		r = tree_cpus(t, &f->cpus, err);
	if (r)
		return r;
	if (add_map(f, &f->memory, MEM_RAM) || add_map(f, &f->reserved, MEM_RESERVED) ||
	    subtract(f) ||
	    buf_add(&f->cmdline, f->chosen.bootargs.ptr, f->chosen.bootargs.len) < 0)
		return fail(err, ENOMEM, "no memory for the facts of a device tree");
	return memmap_settle(&f->firmware, err);
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
		r = gather(&t, &f, err);
	if (!r) {
		for (size_t i = 0; i < f.cpus.n; i++)
			cpus += f.cpus.v[i].available ? f.cpus.v[i].threads : 0;
		SWAP(m->firmware, f.firmware);
		SWAP(m->ram, f.ram);
		SWAP(m->system_ram, f.system_ram);
		SWAP(m->crash, f.crash);
		if (!m->cmdline.len)
			SWAP(m->cmdline, f.cmdline);
		m->cpus = m->cpus ? m->cpus : cpus;
	}
	found_done(&f);
	return r;
}
