/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "base/sha256.h"

/*
 * SHA-256 with vshasigmaw (Power ISA 2.07, POWER8). It touches vector registers: a purgatory turns
 * VMX and VSX on first (cpu.c). Freestanding; one source for both byte orders.
 */
sha256_blocks_fn sha256_blocks_p8;
