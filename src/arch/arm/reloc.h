/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations that a 32-bit ARM purgatory may have, each range-checked. ARM code only: a Thumb one
 * is -ENOTSUP.
 * Source: ELF for the Arm Architecture (IHI 0044), "Relocation codes table".
 */
#pragma once
#include "elf/link.h"

/* The ABI has REL: addends stand in the instructions. */
extern const struct link_rules arm_link_rules;
