/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdbool.h>
#include "base/sha256.h"

/*
 * SHA-256 by the CPU's own instructions. The same file serves the host (32-bit x86 too) and the
 * purgatory. It touches XMM registers: a purgatory turns SSE on first (sse.c). Freestanding.
 */
sha256_blocks_fn sha256_blocks_ni;

/* True when this CPU has what sha256_blocks_ni uses: SHA, SSSE3 and SSE4.1 (CPUID 7.0 and 1). */
bool sha256_ni_here(void);
