/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the x86_64 purgatory does: reach devices through page tables, enter in two modes. */
#include <cpuid.h>
#include <stdbool.h>
#include <stddef.h>

#include "arch/x86_64/handoff.h"
#include "arch/x86_64/mmio_map.h"
#include "purgatory/purgatory.h"

/* entry.S */
_Noreturn void cpu_enter64(uint64_t entry, uint64_t boot_params);
_Noreturn void cpu_enter32(uint32_t entry, uint32_t boot_params);
_Noreturn void cpu_enter(void);
extern const uint8_t purgatory_start[];

#define GIB4 (UINT64_C(1) << 32)

enum { CR4_LA57 = 1u << 12 };

static uint64_t read_cr4(void)
{
	uint64_t v;

	__asm__ volatile("movq %%cr4, %0" : "=r"(v));
	return v;
}

static uint64_t spare_table[MMIO_MAP_ENTRIES] __attribute__((aligned(4096), section(".bss.table")));

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
	uint64_t here = (uintptr_t)purgatory_start;

	switch (h->args[X86_ARG_MODE]) {
	case X86_MODE_64:
		return NULL;
	case X86_MODE_32:
		/* 16 MiB is what the linker lets an image be (elf/link.h). */
		if (here > GIB4 - (16u << 20) || h->entry >= GIB4 ||
		    h->args[X86_ARG_BOOT_PARAMS] >= GIB4)
			return "a 32-bit entry needs all below 4 GiB";
		return NULL;
	default:
		return "the mode of the entry is unknown";
	}
}

/* Called by entry.S when purgatory_main is content. */
void cpu_enter(void)
{
	const struct handoff *h = &baton_handoff;
	uint64_t params = h->args[X86_ARG_BOOT_PARAMS];

	if (h->args[X86_ARG_MODE] == X86_MODE_32)
		cpu_enter32((uint32_t)h->entry, (uint32_t)params);
	cpu_enter64(h->entry, params);
}
