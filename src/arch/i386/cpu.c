/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the i386 purgatory does. What it shares with x86_64's: x86_64/cpu_any.c. */
#include <stddef.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/handoff.h"
#include "arch/x86_64/mmio_map.h"
#include "purgatory/purgatory.h"

/* Paging is off. */
bool mmio_reach(uint64_t first, uint64_t last)
{
	return first <= last && last <= UINT32_MAX;
}

const char *cpu_cannot_enter(const struct handoff *h)
{
	if (h->args[X86_ARG_MODE] == X86_MODE_16)
		return cpu_cannot_be_real(h, (uintptr_t)purgatory_start);
	if (h->args[X86_ARG_MODE] != X86_MODE_32 && h->args[X86_ARG_MODE] != X86_MODE_EBX &&
	    h->args[X86_ARG_MODE] != X86_MODE_MULTIBOOT)
		return "the mode of the entry is not 32 bits";
	if (h->entry > UINT32_MAX || h->args[X86_ARG_INFO] > UINT32_MAX)
		return "a 32-bit entry needs all below 4 GiB";
	return NULL;
}

void cpu_enter(void)
{
	cpu_enter_unpaged(&baton_handoff);
	cpu_triple_fault(); /* cpu_cannot_enter() lets no other mode pass */
}
