/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations that a ppc64 purgatory may have, each range-checked, in both byte orders. Source:
 * 64-bit ELFv2 ABI for Power 1.4, 3.5 "Relocation Types" and 3.4.1 "Symbol Values" (st_other).
 * There is no GOT and no PLT; the TOC pointer is the image's base.
 */
#pragma once
#include "elf/link.h"

extern const struct link_rules ppc64le_link_rules, ppc64_link_rules;
