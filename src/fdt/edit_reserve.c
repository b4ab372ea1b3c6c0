/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of reservations of a device tree. */
#include <stdlib.h>

#include "fdt/edit.h"

static int no_room(struct err *err)
{
	return fail(err, ENOMEM, "no memory for reservations");
}

int edit_reserve(struct edit *e, struct range r, struct err *err)
{
	for (size_t i = 0; i < e->reserved.n; i++)
		if (e->reserved.v[i].start == r.start && e->reserved.v[i].end == r.end)
			return 0;
	return vec_push(&e->reserved, r) < 0 ? no_room(err) : 0;
}

/* An entry and its place in the list. */
struct placed {
	struct range r;
	size_t at;
};

static int by_range(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->r.start != y->r.start)
		return x->r.start < y->r.start ? -1 : 1;
	if (x->r.end != y->r.end)
		return x->r.end < y->r.end ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* Of equal entries the first stays, and all that stay keep their order. */
static size_t drop_repeated(struct placed *all, size_t n)
{
	size_t kept = 0;

	qsort(all, n, sizeof(*all), by_range);
	for (size_t i = 0; i < n; i++)
		if (!kept || all[i].r.start != all[kept - 1].r.start ||
		    all[i].r.end != all[kept - 1].r.end)
			all[kept++] = all[i];
	qsort(all, kept, sizeof(*all), by_place);
	return kept;
}

int edit_reserve_all(struct edit *e, const struct range *v, size_t n, struct err *err)
{
	size_t had = e->reserved.n;
	struct placed *all = n ? calloc(had + n, sizeof(*all)) : NULL;
	int r = 0;

	if (!n)
		return 0;
	if (!all)
		return no_room(err);
	for (size_t i = 0; i < had + n; i++)
		all[i] = (struct placed){i < had ? e->reserved.v[i] : v[i - had], i};
	size_t kept = drop_repeated(all, had + n);

	for (size_t i = had; !r && i < kept; i++)
		r = vec_push(&e->reserved, all[i].r);
	if (r)
		e->reserved.n = had;
	for (size_t i = 0; !r && i < kept; i++)
		e->reserved.v[i] = all[i].r;
	if (!r)
		e->reserved.n = kept;
	free(all);
	return r ? no_room(err) : 0;
}

bool edit_unreserve(struct edit *e, struct range r)
{
	size_t kept = 0, had = e->reserved.n;

	for (size_t i = 0; i < had; i++)
		if (e->reserved.v[i].start != r.start || e->reserved.v[i].end != r.end)
			e->reserved.v[kept++] = e->reserved.v[i];
	e->reserved.n = kept;
	return kept != had;
}
