/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations that a riscv64 purgatory may have, each range-checked.
 * Source: RISC-V ELF psABI 1.0, "Relocations" (table 3), and the instruction formats of the RISC-V
 * unprivileged ISA, 2.3 "Immediate Encoding Variants" and 16.8 (compressed).
 */
#pragma once
#include "elf/link.h"

/* Every type that needs a GOT, or an address below 2 GiB, is -ENOTSUP. The ABI has RELA only. */
extern const struct link_rules riscv64_link_rules;
