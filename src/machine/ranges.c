/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/ranges.h"

#include <errno.h>
#include <string.h>

int ranges_add(struct range_list *l, struct range r)
{
	return vec_push(l, r);
}

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static bool is_sorted(const struct range_list *l)
{
	for (size_t i = 1; i < l->n; i++)
		if (l->v[i].start < l->v[i - 1].start)
			return false;
	return true;
}

void ranges_normalise(struct range_list *l)
{
	size_t kept = 0;

	/* Lists from the kernel come sorted: the test saves the sort's copy of the whole list. */
	if (!is_sorted(l))
		qsort(l->v, l->n, sizeof(*l->v), by_start);
	for (size_t i = 0; i < l->n; i++) {
		struct range r = l->v[i];

		if (range_empty(r))
			continue;
		if (kept && r.start <= l->v[kept - 1].end) {
			if (r.end > l->v[kept - 1].end)
				l->v[kept - 1].end = r.end;
			continue;
		}
		l->v[kept++] = r;
	}
	l->n = kept;
}

static int replace(struct range_list *out, struct range_list *made, int r)
{
	if (r < 0) {
		ranges_done(made);
		return r;
	}
	ranges_done(out);
	*out = *made;
	return 0;
}

int ranges_copy(struct range_list *out, const struct range_list *in)
{
	struct range_list made = {0};
	int r = 0;

	for (size_t i = 0; i < in->n && !r; i++)
		r = ranges_add(&made, in->v[i]);
	return replace(out, &made, r);
}

int ranges_subtract(struct range_list *out, const struct range_list *a, const struct range_list *b)
{
	struct range_list made = {0};
	size_t j = 0;
	int r = 0;

	for (size_t i = 0; i < a->n && !r; i++) {
		struct range left = a->v[i];

		while (j < b->n && b->v[j].end <= left.start)
			j++;
		/* A hole may reach into the next range of @a: j stays on it. */
		for (; j < b->n && b->v[j].start < left.end && !r; j++) {
			if (b->v[j].start > left.start)
				r = ranges_add(&made, (struct range){left.start, b->v[j].start});
			left.start = b->v[j].end;
			if (left.start >= left.end)
				break;
		}
		if (!r && !range_empty(left))
			r = ranges_add(&made, left);
	}
	return replace(out, &made, r);
}

int ranges_meet(struct range_list *out, const struct range_list *a, const struct range_list *b)
{
	struct range_list made = {0};
	size_t i = 0, j = 0;
	int r = 0;

	while (i < a->n && j < b->n && !r) {
		struct range both = range_meet(a->v[i], b->v[j]);

		if (!range_empty(both))
			r = ranges_add(&made, both);
		if (a->v[i].end < b->v[j].end)
			i++;
		else
			j++;
	}
	return replace(out, &made, r);
}

/* The index of the first range that ends behind @addr. */
static size_t first_behind(const struct range_list *l, uint64_t addr)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->v[mid].end > addr)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

int ranges_exclude(struct range_list *l, struct range r)
{
	size_t first = first_behind(l, r.start), last = first;

	if (range_empty(r) || first == l->n || l->v[first].start >= r.end)
		return 0;
	while (last < l->n && l->v[last].start < r.end)
		last++;

	struct range left = {l->v[first].start, r.start}, right = {r.end, l->v[last - 1].end};
	size_t keep = (size_t)!range_empty(left) + (size_t)!range_empty(right);

	/* One range split in two is the only way to grow. */
	if (keep > last - first) {
		if (ranges_add(l, right) < 0)
			return -ENOMEM;
		l->n--;
	}
	memmove(l->v + first + keep, l->v + last, (l->n - last) * sizeof(*l->v));
	l->n = l->n - (last - first) + keep;
	if (!range_empty(left))
		l->v[first++] = left;
	if (!range_empty(right))
		l->v[first] = right;
	return 0;
}

uint64_t ranges_total(const struct range_list *l)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < l->n; i++)
		sum += range_size(l->v[i]);
	return sum;
}

const struct range *ranges_find(const struct range_list *l, uint64_t addr)
{
	size_t i = first_behind(l, addr);

	return i < l->n && l->v[i].start <= addr ? &l->v[i] : NULL;
}
