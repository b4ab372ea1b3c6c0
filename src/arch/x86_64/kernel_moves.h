/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moving a linked kernel of x86_64 or i386: elf/relocate.h. */
#pragma once
#include "elf/relocate.h"

extern const struct relocate_rules x86_64_kernel_moves, i386_kernel_moves;
