/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/pack.h"

#include <stdlib.h>
#include <string.h>

#include "base/align.h"

#define NOWHERE UINT64_MAX

/* The holes that can hold one piece when it starts as low as it can in them, ascending. */
struct fitting {
	struct range *hole; /* clipped to the piece's limits */
	size_t n;
};

struct pack {
	const struct place *p;
	size_t n;
	struct fitting fit[PACK_MAX];
	uint64_t *reach; /* by set of pieces: how low the highest end of them can be; NOWHERE */
	uint8_t *last;   /* by set of pieces: the topmost one in that arrangement */
};

static uint64_t lowest_in(struct range hole, const struct place *p)
{
	uint64_t at = align_up(hole.start, p->align);

	return at <= hole.end && hole.end - at >= p->size ? at : NOWHERE;
}

static int find_fitting(const struct range_list *holes, const struct place *p, struct fitting *out)
{
	size_t n = 0;

	for (size_t i = 0; i < holes->n; i++)
		n += lowest_in(range_meet(holes->v[i], p->within), p) != NOWHERE;
	out->hole = malloc((n ? n : 1) * sizeof(*out->hole));
	if (!out->hole)
		return -ENOMEM;
	for (size_t i = 0; i < holes->n; i++) {
		struct range hole = range_meet(holes->v[i], p->within);

		if (lowest_in(hole, p) != NOWHERE)
			out->hole[out->n++] = hole;
	}
	return 0;
}

/* The lowest place of piece @i that starts at @from or above. */
static uint64_t lowest_from(const struct pack *k, size_t i, uint64_t from)
{
	const struct fitting *f = &k->fit[i];
	size_t low = 0, high = f->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (f->hole[mid].end <= from)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == f->n)
		return NOWHERE;

	struct range rest = f->hole[low];
	uint64_t at;

	if (rest.start < from)
		rest.start = from;
	at = lowest_in(rest, &k->p[i]);
	if (at != NOWHERE || ++low == f->n)
		return at;
	return lowest_in(f->hole[low], &k->p[i]);
}

static bool same(const struct place *a, const struct place *b)
{
	return a->size == b->size && a->align == b->align && a->within.start == b->within.start &&
	       a->within.end == b->within.end;
}

/* Of pieces that are alike, only the first that is not in @set yet is worth a try. */
static bool has_twin_before(const struct pack *k, size_t i, uint32_t set)
{
	for (size_t j = 0; j < i; j++)
		if (!(set & 1u << j) && same(&k->p[i], &k->p[j]))
			return true;
	return false;
}

static void extend(struct pack *k, uint32_t set)
{
	for (size_t i = 0; i < k->n; i++) {
		uint32_t more = set | 1u << i;
		uint64_t at;

		if (more == set || has_twin_before(k, i, set))
			continue;
		at = lowest_from(k, i, k->reach[set]);
		if (at != NOWHERE && at + k->p[i].size < k->reach[more]) {
			k->reach[more] = at + k->p[i].size;
			k->last[more] = (uint8_t)i;
		}
	}
}

static int search(struct pack *k, struct place *out)
{
	uint32_t all = (1u << k->n) - 1;

	memset(k->reach, 0xff, ((size_t)all + 1) * sizeof(*k->reach));
	k->reach[0] = 0;
	for (uint32_t set = 0; set < all; set++)
		if (k->reach[set] != NOWHERE)
			extend(k, set);
	if (k->reach[all] == NOWHERE)
		return -ENOSPC;
	for (uint32_t set = all; set; set &= ~(1u << k->last[set]))
		out[k->last[set]].at = k->reach[set] - out[k->last[set]].size;
	return 0;
}

int pack_lowest(const struct range_list *holes, struct place *p, size_t n)
{
	struct pack k = {.p = p, .n = n};
	int r = 0;

	if (n > PACK_MAX)
		return -EINVAL;
	k.reach = malloc(((size_t)1 << n) * sizeof(*k.reach));
	k.last = malloc((size_t)1 << n);
	if (!k.reach || !k.last)
		r = -ENOMEM;
	for (size_t i = 0; i < n && !r; i++)
		r = find_fitting(holes, &p[i], &k.fit[i]);
	if (!r)
		r = search(&k, p);
	for (size_t i = 0; i < n; i++)
		free(k.fit[i].hole);
	free(k.reach);
	free(k.last);
	return r;
}
