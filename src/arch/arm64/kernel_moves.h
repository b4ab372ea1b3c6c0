/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moving a linked kernel of arm64: elf/relocate.h. */
#pragma once
#include "elf/relocate.h"

extern const struct relocate_rules arm64_kernel_moves;
