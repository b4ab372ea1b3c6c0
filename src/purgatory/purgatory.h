/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The seam between what every purgatory shares (purgatory.c, verify.c) and a CPU's part of it
 * (src/arch/<cpu>/): the CPU's entry code sets up a stack and calls purgatory_main, which calls
 * the functions below and returns when the next kernel may be entered. Tests fake this seam.
 * Freestanding; the console lines are those of docs/formats/handoff.md.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "base/sha256.h"
#include "purgatory/handoff.h"

/* Written by the loader before the jump; the only thing that it tells us. */
extern struct handoff baton_handoff;

/* Returns only when all is well: the regions are as loaded and the backup copy is made. */
void purgatory_main(void);

/*
 * Where every exception ends: memory that is gone, code that has changed. Says so, and resets or
 * halts. @what: the CPU's own number for it; @at: the instruction.
 */
_Noreturn void purgatory_exception(uint64_t what, uint64_t at);

/* For a cpu_reset that has tried all it knows: says so, and halts. */
_Noreturn void purgatory_no_reset(void);

/* The CPU's part. */

/* Find the console that @h names; nothing is said where there is none. */
void console_open(const struct handoff *h);
/* Send one byte; waits for room, but never for ever. */
void console_put(char c);
/* Wait, but never for ever, until all is on the wire: what follows may reset the UART. */
void console_drain(void);

/*
 * The fastest SHA-256 of this CPU, made ready; @name is what the ok line says ("sha-ni").
 * cpu_sha256_end puts the CPU back into the state that the next kernel expects.
 */
sha256_blocks_fn *cpu_sha256_begin(const char **name);
void cpu_sha256_end(void);

/*
 * While on, an exception ends in purgatory_exception. For CPUs whose vectors lie in memory that is
 * not ours: off puts back what lay there. Where a register names them, entry.S has set it for good.
 */
void cpu_traps(bool on);

/* Why this CPU cannot enter the next kernel as @h asks, or NULL. */
const char *cpu_cannot_enter(const struct handoff *h);

_Noreturn void cpu_reset(void);
_Noreturn void cpu_halt(void);
