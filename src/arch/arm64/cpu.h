/* SPDX-License-Identifier: GPL-2.0-or-later */
/* entry.S: what an arm64 CPU needs assembler for. Purgatory only. */
#pragma once
#include <stdint.h>

/*
 * Turns MMU, data and instruction cache on at this exception level over the tables at @root.
 * Before, the cache forgets the lines of [start, end): what was written there went past it.
 */
void cpu_mmu_on(uint64_t root, uint64_t tcr, uint64_t start, uint64_t end);
/*
 * Turns them off again and writes the lines of [start, end) back to memory (point of coherency).
 * Nothing may be written in between, so both is one function. Forgets all translations and cached
 * instructions.
 */
void cpu_mmu_off(uint64_t start, uint64_t end);

/* PSCI calls without arguments; they return where they fail. */
void cpu_hvc(uint64_t function);
void cpu_smc(uint64_t function);

_Noreturn void cpu_jump(uint64_t entry, uint64_t dtb);

/* Called by entry.S. */
_Noreturn void cpu_enter(void);
