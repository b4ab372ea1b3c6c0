/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdlib.h>
#include "base/range.h"
#include "core/vec.h"

/*
 * The algebra of range lists. A list is *normal* when it is sorted by start, holds no empty range,
 * and no two ranges overlap or touch. Operations on normal lists take linear time; all give 0 or
 * -ENOMEM and leave @out as it was on failure. What @out held before is released. An output may not
 * be one of the inputs unless it says so.
 */
struct range_list VEC_BODY(struct range);

static inline void ranges_done(struct range_list *l)
{
	vec_done(l);
}

int ranges_add(struct range_list *l, struct range r); /* append; the list need not stay normal */
void ranges_normalise(struct range_list *l);          /* sort, drop empties, merge: O(n log n) */
int ranges_copy(struct range_list *out, const struct range_list *in);
int ranges_subtract(struct range_list *out, const struct range_list *a, const struct range_list *b);
int ranges_meet(struct range_list *out, const struct range_list *a, const struct range_list *b);
int ranges_exclude(struct range_list *l, struct range r); /* in place: l = l \ r */
uint64_t ranges_total(const struct range_list *l);
/* The range of a normal list that holds @addr, or NULL. O(log n). */
const struct range *ranges_find(const struct range_list *l, uint64_t addr);
