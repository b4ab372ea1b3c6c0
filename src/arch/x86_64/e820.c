/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/x86_64/e820.h"

#include "base/put.h"

/* RAM of a capture kernel below 1 MiB: page 0 belongs to the firmware, 640 KiB on to the video. */
static const struct range low_memory = {0x1000, 0xa0000};

uint32_t e820_type(enum mem_kind kind)
{
	switch (kind) {
	case MEM_RAM:
		return 1;
	case MEM_RESERVED:
		return 2;
	case MEM_ACPI:
		return 3;
	case MEM_NVS:
		return 4;
	case MEM_UNUSABLE:
		return 5;
	case MEM_PMEM:
		return 7;
	case MEM_PRAM:
		return 12;
	case MEM_SOFT_RESERVED:
		return 0xefffffff;
	}
	return 2;
}

void e820_put(uint8_t out[E820_ENTRY_SIZE], const struct mem_range *r)
{
	put_le(out, r->at.start, 8);
	put_le(out + 8, range_size(r->at), 8);
	put_le(out + 16, e820_type(r->kind), 4);
}

static int add_all(struct mem_map *out, const struct range_list *l, enum mem_kind kind)
{
	int r = 0;

	for (size_t i = 0; i < l->n && !r; i++)
		r = vec_push(out, ((struct mem_range){l->v[i], kind}));
	return r;
}

static int by_start(const void *a, const void *b)
{
	const struct mem_range *x = a, *y = b;

	return x->at.start < y->at.start ? -1 : x->at.start > y->at.start;
}

/* Append in order; what touches its neighbour of the same kind becomes one with it. */
static int append(struct mem_map *out, struct mem_range e)
{
	struct mem_range *last = out->n ? &out->v[out->n - 1] : NULL;

	if (last && last->kind == e.kind && last->at.end == e.at.start) {
		last->at.end = e.at.end;
		return 0;
	}
	return vec_push(out, e);
}

/*
 * @out = @ram and @rest by address. RAM comes sorted, and with 100,000 ranges of it a sort would be
 * most of the time; the rest is little.
 */
static int join(struct mem_map *rest, const struct range_list *ram, struct mem_map *out)
{
	size_t i = 0, k = 0;
	int r = 0;

	if (rest->n)
		qsort(rest->v, rest->n, sizeof(*rest->v), by_start);
	while (!r && (i < rest->n || k < ram->n)) {
		if (k == ram->n || (i < rest->n && rest->v[i].at.start < ram->v[k].start))
			r = append(out, rest->v[i++]);
		else
			r = append(out, (struct mem_range){ram->v[k++], MEM_RAM});
	}
	return r;
}

/* Split the firmware's map: its RAM into @ram, the rest into @out. */
static int split(const struct mem_map *map, struct range_list *ram, struct mem_map *out)
{
	int r = 0;

	for (size_t i = 0; i < map->n && !r; i++) {
		const struct mem_range *e = &map->v[i];

		if (range_empty(e->at))
			continue;
		r = e->kind == MEM_RAM ? ranges_add(ram, e->at) : vec_push(out, *e);
	}
	ranges_normalise(ram);
	return r;
}

/* @out = the firmware's map, RAM outside @own (NULL = none) dropped, RAM in @avoid unusable. */
static int make(const struct machine *m, const struct range_list *own,
		const struct range_list *avoid, struct mem_map *out, struct err *err)
{
	struct range_list ram = {0}, bad = {0}, good = {0}, kept = {0};
	struct mem_map rest = {0}, map = {0};
	int r = split(&m->firmware, &ram, &rest);

	if (!r)
		r = ranges_meet(&bad, &ram, avoid);
	if (!r)
		r = ranges_subtract(&good, &ram, avoid);
	if (!r && own)
		r = ranges_meet(&kept, &good, own);
	if (!r)
		r = add_all(&rest, &bad, MEM_UNUSABLE);
	if (!r)
		r = join(&rest, own ? &kept : &good, &map);
	ranges_done(&ram);
	ranges_done(&bad);
	ranges_done(&good);
	ranges_done(&kept);
	vec_done(&rest);
	if (r < 0) {
		vec_done(&map);
		return fail(err, ENOMEM, "no memory for the memory map");
	}
	*out = map;
	return 0;
}

int e820_jump(const struct machine *m, const struct range_list *avoid, struct mem_map *out,
	      struct err *err)
{
	return make(m, NULL, avoid, out, err);
}

int e820_crash(const struct machine *m, const struct range_list *own,
	       const struct range_list *avoid, struct mem_map *out, struct err *err)
{
	struct range_list with_low = {0};
	int r = ranges_copy(&with_low, own);

	if (!r)
		r = ranges_add(&with_low, low_memory);
	if (r < 0) {
		ranges_done(&with_low);
		return fail(err, ENOMEM, "no memory for the memory map");
	}
	ranges_normalise(&with_low);
	r = make(m, &with_low, avoid, out, err);
	ranges_done(&with_low);
	return r;
}
