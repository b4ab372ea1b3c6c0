/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of the purgatory's identity map and the memory that it writes while its caches are on:
 * pure code, the same on the host for its tests. Granule 4 KiB, 48 bits, four levels (Arm
 * architecture reference manual DDI 0487, D8.3). Freestanding.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "base/range.h"
#include "purgatory/handoff.h"

#define MMU_PAGE    4096u
#define MMU_ENTRIES 512u
/* Levels 0 and 1, and for each of six stretches of memory on average 1 of level 2, 2 of level 3. */
#define MMU_TABLES 20u

struct mmu_tables {
	uint64_t (*pool)[MMU_ENTRIES]; /* [0] is the root; all zero at first */
	uint64_t pool_at;              /* physical address of @pool */
	unsigned ntables, used;
	uint64_t leaf; /* attributes of every block and page: mmu_leaf() */
};

/* Normal, write-back, inner shareable memory, index 0 of MAIR; @el2: of a translation for EL2 alone
 * (without VHE), where AP[1] is one. */
uint64_t mmu_leaf(bool el2);

/* Maps the pages of [start, end) to themselves. False: no table left, or beyond 48 bits. */
bool mmu_map(struct mmu_tables *t, uint64_t start, uint64_t end);

/* The purgatory's own pages: all that it writes while the caches are on, and so what must be
 * cleaned. */
struct range mmu_written(const struct handoff *h);

/* Maps what the check of @h reads (a handoff that is sound in itself) and mmu_written(). */
bool mmu_map_handoff(struct mmu_tables *t, const struct handoff *h);
