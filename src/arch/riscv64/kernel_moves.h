/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moving a linked kernel of riscv64: elf/relocate.h. */
#pragma once
#include "elf/relocate.h"

extern const struct relocate_rules riscv64_kernel_moves;
