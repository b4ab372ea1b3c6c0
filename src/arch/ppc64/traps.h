/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vectors of exceptions, which lie in low memory (Power ISA 2.07, book III-S, 6.5), and the
 * part of it that the purgatory borrows for them. Freestanding; assembler reads it too.
 */
#pragma once

/* Where the code behind the vectors is, and where that finds the address of ppc64_exception. */
#define TRAPS     0x100
#define TRAP_CODE 0x120
#define TRAP_BIG  0x1e0 /* big-endian */
#define TRAP_OWN  0x1e8 /* in the purgatory's own byte order */
#define TRAPS_END 0x1000
