/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "base/sha256.h"

/*
 * SHA-256 by the instructions of ARMv8's cryptographic extension (ID_AA64ISAR0_EL1.SHA2,
 * HWCAP_SHA2). The same file serves an arm64 host and the purgatory, which turns the vector unit on
 * first. Freestanding.
 */
sha256_blocks_fn sha256_blocks_ce;
