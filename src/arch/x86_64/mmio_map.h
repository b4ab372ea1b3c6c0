/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec's identity map holds RAM and the segments, no devices (Linux 6.1,
 * arch/x86/kernel/machine_kexec_64.c, init_pgtable): a UART in memory space may be missing.
 * Format: Intel SDM volume 3, 4.5 "4-level paging and 5-level paging".
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define MMIO_MAP_ENTRIES 512u
/*
 * The address in an entry. Nothing of kexec lies above 64 TiB (KEXEC_DESTINATION_MEMORY_LIMIT), so
 * the bits above may be left out: with memory encryption one of them is no address bit.
 */
#define MMIO_MAP_ADDRESS UINT64_C(0x00003ffffffff000)

struct mmio_tables {
	uint64_t *root;  /* the table that CR3 points at */
	unsigned levels; /* 4, or 5 under CR4.LA57 */
	bool huge;       /* the CPU has 1 GiB pages */
	uint64_t *spare; /* one zeroed page for a table that is missing, or NULL */
};

/*
 * See to it that @addr is mapped to itself: true where it is, or where an entry that was empty
 * could take it (uncached). Entries in use are left alone: false when they lead elsewhere. All
 * tables must be mapped to themselves. Freestanding.
 */
bool mmio_map(const struct mmio_tables *t, uint64_t addr);

/* The same for [@first, @last] and the tables in use (cpu.c). */
bool mmio_reach(uint64_t first, uint64_t last);
