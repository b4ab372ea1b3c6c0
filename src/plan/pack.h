/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The complete search behind space_place: is there any way at all to lay the pieces into the holes?
 * Exact, in time O(2^n * n * log holes + n * holes) for n <= PACK_MAX pieces; the proof is
 * docs/decisions/0002-placement.md.
 */
#pragma once
#include "plan/space.h"

#define PACK_MAX 16

/*
 * On success every @p has its @at: together the pieces end as low as they can. Sizes are already
 * whole pages; a fixed piece has a @within of just its own size. @reason and wishes (dir, prefer)
 * are left alone. 0 | -ENOSPC no arrangement exists | -ENOMEM.
 */
int pack_lowest(const struct range_list *holes, struct place *p, size_t n);
