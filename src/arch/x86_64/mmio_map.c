/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/x86_64/mmio_map.h"

#include <stddef.h>

enum {
	PRESENT = 1u << 0,
	WRITABLE = 1u << 1,
	UNCACHED = 1u << 3 | 1u << 4, /* PWT, PCD */
	IS_PAGE = 1u << 7,
};

static bool leads_to_itself(uint64_t entry, uint64_t size, uint64_t addr)
{
	return (entry & MMIO_MAP_ADDRESS & ~(size - 1)) == (addr & ~(size - 1));
}

bool mmio_map(const struct mmio_tables *t, uint64_t addr)
{
	uint64_t *table = t->root, *spare = t->spare;

	for (unsigned level = t->levels; level; level--) {
		unsigned shift = 12 + 9 * (level - 1);
		uint64_t size = UINT64_C(1) << shift;
		uint64_t *entry = &table[addr >> shift & (MMIO_MAP_ENTRIES - 1)];
		bool can_be_page = level <= 2 || (level == 3 && t->huge);

		if (!(*entry & PRESENT) && can_be_page) {
			*entry = (addr & ~(size - 1)) | PRESENT | WRITABLE | UNCACHED |
				 (level > 1 ? IS_PAGE : 0u);
			return true;
		}
		if (level == 1 || (*entry & IS_PAGE))
			return leads_to_itself(*entry, size, addr);
		if (!(*entry & PRESENT)) {
			if (!spare)
				return false;
			*entry = (uintptr_t)spare | PRESENT | WRITABLE;
			spare = NULL;
		}
		table = (uint64_t *)(uintptr_t)(*entry & MMIO_MAP_ADDRESS);
	}
	return false;
}
