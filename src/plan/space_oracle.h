/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the tests only: a second, dumb opinion on placement. Memory is at most 32 pages, one bit
 * each, and every address is tried for every piece. It shares no idea with space.c and pack.c.
 */
#pragma once
#include "plan/space.h"

enum { ORACLE_PAGES = 32, ORACLE_PAGE = 4096 };

/* The free pages of a list inside [0, 32 pages): partial pages do not count. */
static inline uint32_t oracle_free(const struct range_list *holes)
{
	uint32_t map = 0;

	for (size_t i = 0; i < holes->n; i++)
		for (unsigned page = 0; page < ORACLE_PAGES; page++) {
			uint64_t at = (uint64_t)page * ORACLE_PAGE;

			if (at >= holes->v[i].start && at + ORACLE_PAGE <= holes->v[i].end)
				map |= 1u << page;
		}
	return map;
}

static inline bool oracle_may(const struct place *p, unsigned page, uint64_t pages)
{
	uint64_t at = (uint64_t)page * ORACLE_PAGE, end = at + pages * ORACLE_PAGE;

	return !(at % p->align) && at >= p->within.start && end <= p->within.end &&
	       (!p->fixed || at == p->preferred);
}

/* Is there any way to place all @n pieces? */
static inline bool oracle_fits(uint32_t map, const struct place *p, size_t n)
{
	uint64_t pages = n ? (p->size + ORACLE_PAGE - 1) / ORACLE_PAGE : 0;

	if (!n)
		return true;
	for (unsigned page = 0; page < ORACLE_PAGES && page + pages <= ORACLE_PAGES; page++) {
		uint32_t mask = (uint32_t)((((uint64_t)1 << pages) - 1) << page);

		if ((map & mask) == mask && oracle_may(p, page, pages) &&
		    oracle_fits(map & ~mask, p + 1, n - 1))
			return true;
	}
	return false;
}

/* NULL, or which rule the placement of all @n pieces breaks. */
static inline const char *oracle_legal(uint32_t map, const struct place *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t pages = (p[i].size + ORACLE_PAGE - 1) / ORACLE_PAGE,
			 page = p[i].at / ORACLE_PAGE;
		uint32_t mask;

		if (p[i].at % ORACLE_PAGE || page + pages > ORACLE_PAGES)
			return "not on pages of the machine";
		mask = (uint32_t)((((uint64_t)1 << pages) - 1) << page);
		if ((map & mask) != mask)
			return "not in free memory, or on another piece";
		if (!oracle_may(&p[i], (unsigned)page, pages))
			return "outside its limits or misaligned";
		map &= ~mask;
	}
	return NULL;
}
