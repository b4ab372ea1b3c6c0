/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/arm64/mmu.h"

#include "arch/arm64/handoff.h"
#include "base/align.h"

#define ADDRESS_MASK 0x0000fffffffff000ull
#define ADDRESS_END  (1ull << 48)

enum { VALID = 1u << 0, TABLE_OR_PAGE = 1u << 1 };
enum { AP_1 = 1u << 6, SH_INNER = 3u << 8, ACCESS_FLAG = 1u << 10 };
enum { LAST_LEVEL = 3 };

uint64_t mmu_leaf(bool el2)
{
	return VALID | SH_INNER | ACCESS_FLAG | (el2 ? AP_1 : 0u);
}

/* log2 of the bytes behind one entry: 512 GiB, 1 GiB, 2 MiB, 4 KiB. */
static unsigned entry_shift(unsigned level)
{
	return 39 - 9 * level;
}

/* The table behind @e, a new one if need be; NULL when the pool is empty. */
static uint64_t *table_below(struct mmu_tables *t, uint64_t *e)
{
	if (!*e) {
		if (t->used == t->ntables)
			return 0;
		*e = (t->pool_at + (uint64_t)MMU_PAGE * t->used++) | TABLE_OR_PAGE | VALID;
	}
	return t->pool[((*e & ADDRESS_MASK) - t->pool_at) / MMU_PAGE];
}

/* Maps what of [start, end) lies behind the entry at @e and @level that begins at @at. */
static bool map_leaf(struct mmu_tables *t, uint64_t *e, unsigned level, uint64_t at,
		     struct range want)
{
	struct range all = {at, at + (1ull << entry_shift(level))};

	if (*e & VALID && (level == LAST_LEVEL || !(*e & TABLE_OR_PAGE)))
		return true; /* there already, and all alike */
	/* No blocks at level 0; and a table that is there is filled, not thrown away. */
	if (level == 0 || *e || !range_inside(all, want))
		return false;
	*e = at | t->leaf | (level == LAST_LEVEL ? TABLE_OR_PAGE : 0u);
	return true;
}

static bool map_level(struct mmu_tables *t, uint64_t *table, unsigned level, struct range want)
{
	unsigned shift = entry_shift(level);

	for (uint64_t at = align_down(want.start, 1ull << shift); at < want.end;
	     at += 1ull << shift) {
		uint64_t *e = &table[at >> shift & (MMU_ENTRIES - 1)];
		uint64_t *below;

		if (map_leaf(t, e, level, at, want))
			continue;
		below = table_below(t, e);
		if (!below ||
		    !map_level(t, below, level + 1,
			       range_meet(want, (struct range){at, at + (1ull << shift)})))
			return false;
	}
	return true;
}

bool mmu_map(struct mmu_tables *t, uint64_t start, uint64_t end)
{
	struct range want = {align_down(start, MMU_PAGE), align_up(end, MMU_PAGE)};

	if (end <= start || want.end > ADDRESS_END)
		return start == end;
	if (!t->used)
		t->used = 1;
	return map_level(t, t->pool[0], 0, want);
}

struct range mmu_written(const struct handoff *h)
{
	uint64_t at = h->args[ARM64_ARG_IMAGE];

	return (struct range){at, at + h->args[ARM64_ARG_SIZE]};
}

bool mmu_map_handoff(struct mmu_tables *t, const struct handoff *h)
{
	struct range own = mmu_written(h);
	bool ok = !range_empty(own) && mmu_map(t, own.start, own.end);

	for (unsigned i = 0; ok && i < h->nregions; i++) {
		uint64_t start = h->regions[i].start, end = start + h->regions[i].len;

		ok = end >= start && mmu_map(t, start, end);
	}
	return ok;
}
