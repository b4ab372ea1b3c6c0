/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of this folder. */
#pragma once
#include "arch/arch.h"
#include "arch/crash.h"
#include "arch/x86_64/kernel.h"
#include "arch/x86_64/protocol.h"
#include "image/bzimage.h"

/* Upper bound of the bytes that the setup_data nodes will take; 0 = none. */
uint64_t x86_setup_data_max(const struct boot *b);

/*
 * e820 of the next kernel: all of the machine, or for a capture kernel the crash regions less what
 * it must not touch (arch/x86/kernel/crash.c, crash_setup_memmap_entries). @map is empty on entry.
 */
int x86_make_map(const struct boot *b, struct mem_map *map, struct err *err);

/* The embedded purgatory object. */
struct span x86_64_purgatory(void);
