/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 by CPACF, the CPU's own cipher functions: KIMD, function 2. */
#pragma once
#include <stdbool.h>
#include "base/sha256.h"

/* False where this CPU, or the hypervisor, does not offer KIMD-SHA-256. */
bool kimd_here(void);
sha256_blocks_fn sha256_blocks_kimd;
