/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 with the sigma functions as instructions. Source: RISC-V Cryptography Extensions volume I
 * 1.0.1, 3.29 to 3.32 (Zknh). The CPU must have them.
 */
#pragma once
#include "base/sha256.h"

sha256_blocks_fn sha256_blocks_zknh;
