/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/*
 * A half-open range of physical addresses [start, end). Empty when start >= end. The last byte of
 * the 64-bit space cannot be expressed; no machine has memory there. Freestanding.
 */
struct range {
	uint64_t start, end;
};

static inline uint64_t range_size(struct range r)
{
	return r.end > r.start ? r.end - r.start : 0;
}

static inline bool range_empty(struct range r)
{
	return r.end <= r.start;
}

static inline bool range_has(struct range r, uint64_t addr)
{
	return addr >= r.start && addr < r.end;
}

static inline bool range_overlaps(struct range a, struct range b)
{
	return !range_empty(a) && !range_empty(b) && a.start < b.end && b.start < a.end;
}

/* True when @in lies wholly inside @out. */
static inline bool range_inside(struct range in, struct range out)
{
	return !range_empty(in) && in.start >= out.start && in.end <= out.end;
}

static inline struct range range_meet(struct range a, struct range b)
{
	struct range r = {a.start > b.start ? a.start : b.start, a.end < b.end ? a.end : b.end};

	return range_empty(r) ? (struct range){0, 0} : r;
}
