/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the x86_64 purgatory does: reach devices through page tables, enter in two modes. */
#include <cpuid.h>
#include <stdbool.h>
#include <stddef.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/handoff.h"
#include "arch/x86_64/mmio_map.h"
#include "purgatory/purgatory.h"

/* entry.S */
_Noreturn void cpu_enter64(uint64_t entry, uint64_t boot_params);
_Noreturn void cpu_enter64_4(uint64_t entry, uint64_t boot_params, uint32_t cr3);

#define GIB4 (UINT64_C(1) << 32)

enum { CR4_LA57 = 1u << 12 };

static uint64_t read_cr4(void)
{
	uint64_t v;

	__asm__ volatile("movq %%cr4, %0" : "=r"(v));
	return v;
}

static uint64_t spare_table[MMIO_MAP_ENTRIES] __attribute__((aligned(4096), section(".bss.table")));

static uint64_t top_table[512] __attribute__((aligned(4096), section(".bss.table")));

static bool has_huge_pages(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(0x80000001, &a, &b, &c, &d) && (d & 1u << 26);
}

bool mmio_reach(uint64_t first, uint64_t last)
{
	uint64_t cr3;
	struct mmio_tables t = {.huge = has_huge_pages(), .spare = spare_table};

	__asm__ volatile("movq %%cr3, %0" : "=r"(cr3));
	t.root = (uint64_t *)(uintptr_t)(cr3 & ~UINT64_C(0xfff));
	t.levels = read_cr4() & CR4_LA57 ? 5 : 4;
	if (last < first || !mmio_map(&t, first))
		return false;
	t.spare = NULL; /* it may be in use now */
	return mmio_map(&t, last);
}

const char *cpu_cannot_enter(const struct handoff *h)
{
	/* 16 MiB is what the linker lets an image be (elf/link.h). */
	bool low = (uintptr_t)purgatory_start <= GIB4 - (16u << 20);

	switch (h->args[X86_ARG_MODE]) {
	case X86_MODE_64:
		return NULL;
	case X86_MODE_16:
		return cpu_cannot_be_real(h, (uintptr_t)purgatory_start);
	case X86_MODE_64_4:
		return low ? NULL : "leaving 5-level paging needs a purgatory below 4 GiB";
	case X86_MODE_32:
	case X86_MODE_EBX:
	case X86_MODE_MULTIBOOT:
		if (!low || h->entry >= GIB4 || h->args[X86_ARG_INFO] >= GIB4)
			return "a 32-bit entry needs all below 4 GiB";
		return NULL;
	default:
		return "the mode of the entry is unknown";
	}
}

/*
 * The machine maps addresses to themselves, so all of them lie below the first entry of the fifth
 * level: what that points to is a table of the fourth. It is copied, because CR3 must be set where
 * only 32 bits of it can be.
 */
static uint32_t four_levels(void)
{
	const uint64_t *fifth, *fourth;
	uint64_t cr3;

	__asm__ volatile("movq %%cr3, %0" : "=r"(cr3));
	fifth = (const uint64_t *)(uintptr_t)(cr3 & ~UINT64_C(0xfff));
	fourth = (const uint64_t *)(uintptr_t)(*fifth & MMIO_MAP_ADDRESS);
	for (unsigned i = 0; i < 512; i++)
		top_table[i] = fourth[i];
	return (uint32_t)(uintptr_t)top_table;
}

void cpu_enter(void)
{
	const struct handoff *h = &baton_handoff;
	uint64_t info = h->args[X86_ARG_INFO];

	cpu_enter_unpaged(h);
	if (h->args[X86_ARG_MODE] == X86_MODE_64_4 && read_cr4() & CR4_LA57)
		cpu_enter64_4(h->entry, info, four_levels());
	cpu_enter64(h->entry, info);
}
