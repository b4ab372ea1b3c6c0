/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations that an x86_64 purgatory may have, each range-checked.
 * Source: System V psABI for AMD64, "Relocation Types" (table 4.9).
 */
#pragma once
#include "elf/link.h"

/* Every type beyond direct and PC-relative ones is -ENOTSUP: there is no GOT. The ABI has RELA
 * only. */
extern const struct link_rules x86_64_link_rules;
