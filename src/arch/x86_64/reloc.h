/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations that an x86_64 purgatory may have, each range-checked.
 * Source: System V psABI for AMD64, "Relocation Types" (table 4.9).
 */
#pragma once
#include "elf/link.h"

/* See struct link_rules. Every type beyond direct and PC-relative ones is -ENOTSUP: there is no
 * GOT. */
int x86_64_reloc(const struct link_reloc *r, struct err *err);

/* Initialises a struct link_rules; the ABI has RELA only. */
#define X86_64_LINK_RULES                                                                          \
	{                                                                                          \
		.machine = EM_X86_64, .apply = x86_64_reloc                                        \
	}
