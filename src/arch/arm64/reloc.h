/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations that an arm64 purgatory may have, each range-checked.
 * Source: ELF for the Arm 64-bit Architecture (aaelf64), "Static AArch64 relocations".
 */
#pragma once
#include "elf/link.h"

/* Every type beyond direct and PC-relative ones is -ENOTSUP: there is no GOT. RELA only. */
extern const struct link_rules arm64_link_rules;
