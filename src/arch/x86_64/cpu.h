/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the x86_64 and i386 purgatories have for each other. */
#pragma once
#include <stdint.h>

#include "purgatory/handoff.h"

/* entry.S */
extern const uint8_t purgatory_start[];
_Noreturn void cpu_enter32(uint32_t entry, uint32_t esi, uint32_t ebx, uint32_t eax);
_Noreturn void cpu_triple_fault(void);

/* real_mode.S */
void cpu_real_mode(void);
extern uint8_t cpu_real_mode_data[];

/* cpu.c: called by entry.S when purgatory_main is content. */
_Noreturn void cpu_enter(void);

/* cpu_any.c: NULL, or why the real-mode entry cannot be done from a purgatory at @here. */
const char *cpu_cannot_be_real(const struct handoff *h, uint64_t here);
/* Comes back where the mode of the entry is one of 64 bits. */
void cpu_enter_unpaged(const struct handoff *h);
