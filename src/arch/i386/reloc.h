/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations that an i386 purgatory may have, each range-checked.
 * Source: System V ABI, Intel386 supplement, "Relocation Types"; the GNU extensions for 8 and 16
 * bits.
 */
#pragma once
#include "elf/link.h"

/* Every type beyond direct and PC-relative ones is -ENOTSUP: there is no GOT. The ABI has REL only.
 */
extern const struct link_rules i386_link_rules;
