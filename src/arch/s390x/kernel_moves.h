/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moving a linked kernel of s390x: elf/relocate.h. */
#pragma once
#include "elf/relocate.h"

extern const struct relocate_rules s390x_kernel_moves;
