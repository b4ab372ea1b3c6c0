/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moving a linked kernel of ppc64: elf/relocate.h. */
#pragma once
#include "elf/relocate.h"

extern const struct relocate_rules ppc64_kernel_moves;
