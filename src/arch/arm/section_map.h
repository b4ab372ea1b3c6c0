/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The map of memory under which the arm purgatory hashes: identity, one section of 1 MiB per word.
 * Cacheable is what will be hashed and the purgatory itself; the rest, UARTs among it, is strongly
 * ordered and not executable. ARM Architecture Reference Manual ARMv7-A, B3.5.1. Freestanding.
 */
#pragma once
#include <stdbool.h>

#include "purgatory/handoff.h"

#define SECTION_MAP_ENTRIES 4096u
#define SECTION_SHIFT       20

#define SECTION             0x2u
#define SECTION_XN          0x10u
#define SECTION_ACCESS      0xc00u  /* AP = 3: all may read and write */
#define SECTION_WRITE_BACK  0x100cu /* TEX = 1, C, B: normal, write-back, write-allocate */

/*
 * False, and @table is not to be used, when @h is damaged: it says where the purgatory lies.
 */
bool section_map(uint32_t table[SECTION_MAP_ENTRIES], const struct handoff *h);
