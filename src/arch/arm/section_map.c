/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/arm/section_map.h"

#include "arch/arm/handoff.h"
#include "purgatory/verify.h"

/* Sections that hold a byte of [start, start + len); what lies above 4 GiB is out of reach. */
static void cacheable(uint32_t *table, uint64_t start, uint64_t len, uint32_t extra)
{
	if (!len || start >> 32)
		return;
	uint64_t last = (start + len - 1) >> SECTION_SHIFT;

	for (uint64_t i = start >> SECTION_SHIFT; i <= last && i < SECTION_MAP_ENTRIES; i++)
		table[i] = (uint32_t)(i << SECTION_SHIFT) | SECTION | SECTION_ACCESS |
			   SECTION_WRITE_BACK | extra;
}

bool section_map(uint32_t table[SECTION_MAP_ENTRIES], const struct handoff *h)
{
	enum verdict v = verify_table(h, sha256_blocks_generic);

	if (v != VERDICT_OK && v != VERDICT_UNCHECKED)
		return false;
	for (uint32_t i = 0; i < SECTION_MAP_ENTRIES; i++)
		table[i] = i << SECTION_SHIFT | SECTION | SECTION_ACCESS | SECTION_XN;
	for (uint32_t i = 0; i < h->nregions; i++)
		cacheable(table, h->regions[i].start, h->regions[i].len, SECTION_XN);
	cacheable(table, h->args[ARM_ARG_SELF], h->args[ARM_ARG_SIZE], 0);
	return true;
}
