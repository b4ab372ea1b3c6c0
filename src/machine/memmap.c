/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/memmap.h"

#include "machine/text.h"

#define NKINDS (MEM_SOFT_RESERVED + 1)

static const struct {
	const char *name;
	uint32_t e820;
	unsigned weight; /* the heavier kind wins an overlap; all differ, RAM is the lightest */
} kinds[NKINDS] = {
	[MEM_RAM] = {"System RAM", 1, 0},
	[MEM_RESERVED] = {"Reserved", 2, 6},
	[MEM_ACPI] = {"ACPI Tables", 3, 4},
	[MEM_NVS] = {"ACPI Non-volatile Storage", 4, 5},
	[MEM_UNUSABLE] = {"Unusable memory", 5, 7},
	[MEM_PMEM] = {"Persistent Memory", 7, 3},
	[MEM_PRAM] = {"Persistent Memory (legacy)", 12, 2},
	[MEM_SOFT_RESERVED] = {"Soft Reserved", 0xefffffff, 1},
};

bool memmap_kind(struct span type, enum mem_kind *kind)
{
	for (unsigned k = 0; k < NKINDS; k++) {
		if (!text_is_nocase(type, kinds[k].name))
			continue;
		*kind = (enum mem_kind)k;
		return true;
	}
	if (!text_is_nocase(type, "Unknown E820 type"))
		return false;
	*kind = MEM_RESERVED;
	return true;
}

const char *memmap_name(enum mem_kind kind)
{
	return (unsigned)kind < NKINDS ? kinds[kind].name : kinds[MEM_RESERVED].name;
}

uint32_t memmap_to_e820(enum mem_kind kind)
{
	return (unsigned)kind < NKINDS ? kinds[kind].e820 : kinds[MEM_RESERVED].e820;
}

enum mem_kind memmap_from_e820(uint32_t type)
{
	for (unsigned k = 0; k < NKINDS; k++)
		if (kinds[k].e820 == type)
			return (enum mem_kind)k;
	return MEM_RESERVED;
}

int memmap_add(struct mem_map *map, struct span start, struct span end, struct span type,
	       struct err *err)
{
	struct mem_range m = {.kind = MEM_RESERVED};
	uint64_t last;

	if (!text_u64(text_trim(start), 0, &m.at.start) || !text_u64(text_trim(end), 0, &last))
		return fail(err, EBADMSG, "start or end is not a number");
	if (last < m.at.start)
		return fail(err, EBADMSG, "end 0x%llx lies before start 0x%llx",
			    (unsigned long long)last, (unsigned long long)m.at.start);
	m.at.end = last == UINT64_MAX ? last : last + 1;
	(void)memmap_kind(text_trim(type), &m.kind);
	if (vec_push(map, m) < 0)
		return fail(err, ENOMEM, "no memory for %zu ranges", map->n);
	return 0;
}

/* The sweep: at each edge a kind begins or ends. */
struct edge {
	uint64_t at;
	enum mem_kind kind;
	bool opens;
};

static int by_place(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static bool is_sorted(const struct edge *e, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (e[i].at < e[i - 1].at)
			return false;
	return true;
}

static int collect(const struct mem_map *map, struct edge **out, size_t *n)
{
	struct edge *e = calloc(map->n ? map->n : 1, 2 * sizeof(*e));

	if (!e)
		return -ENOMEM;
	*n = 0;
	for (size_t i = 0; i < map->n; i++) {
		if (range_empty(map->v[i].at))
			continue;
		e[(*n)++] = (struct edge){map->v[i].at.start, map->v[i].kind, true};
		e[(*n)++] = (struct edge){map->v[i].at.end, map->v[i].kind, false};
	}
	/* Maps come sorted: the test is far cheaper than the sort of 100,000 ranges. */
	if (!is_sorted(e, *n))
		qsort(e, *n, sizeof(*e), by_place);
	*out = e;
	return 0;
}

/* The heaviest kind with an open range, or NKINDS. */
static unsigned winner(const size_t open[NKINDS])
{
	unsigned best = NKINDS;

	for (unsigned k = 0; k < NKINDS; k++)
		if (open[k] && (best == NKINDS || kinds[k].weight > kinds[best].weight))
			best = k;
	return best;
}

static int append(struct mem_map *out, struct range at, enum mem_kind kind)
{
	struct mem_range *last = out->n ? &out->v[out->n - 1] : NULL;

	if (last && last->kind == kind && last->at.end == at.start) {
		last->at.end = at.end;
		return 0;
	}
	return vec_push(out, ((struct mem_range){at, kind}));
}

static int sweep(const struct edge *e, size_t n, struct mem_map *out)
{
	size_t open[NKINDS] = {0};

	for (size_t i = 0; i < n; i++) {
		if (e[i].opens)
			open[e[i].kind]++;
		else
			open[e[i].kind]--;
		if (i + 1 == n || e[i + 1].at == e[i].at)
			continue;
		unsigned k = winner(open);
		if (k < NKINDS &&
		    append(out, (struct range){e[i].at, e[i + 1].at}, (enum mem_kind)k) < 0)
			return -ENOMEM;
	}
	return 0;
}

static bool is_settled_but_for_merging(const struct mem_map *map)
{
	for (size_t i = 0; i < map->n; i++)
		if (range_empty(map->v[i].at) || (i && map->v[i].at.start < map->v[i - 1].at.end))
			return false;
	return true;
}

static void merge_in_place(struct mem_map *map)
{
	size_t all = map->n;

	map->n = 0;
	for (size_t i = 0; i < all; i++)
		(void)append(map, map->v[i].at, map->v[i].kind);
}

int memmap_settle(struct mem_map *map, struct err *err)
{
	struct mem_map out = {0};
	struct edge *edges = NULL;
	size_t n = 0;

	/* The usual case, and the fast one. */
	if (is_settled_but_for_merging(map)) {
		merge_in_place(map);
		return 0;
	}
	int r = collect(map, &edges, &n);

	if (!r)
		r = sweep(edges, n, &out);
	free(edges);
	if (r < 0) {
		vec_done(&out);
		return fail(err, ENOMEM, "no memory for %zu ranges", map->n);
	}
	vec_done(map);
	*map = out;
	return 0;
}
