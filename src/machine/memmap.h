/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware's memory map as /sys/firmware/memmap shows it: N/{start,end,type}, end inclusive.
 * Sources of Linux 6.1: drivers/firmware/memmap.c; the type strings are those of
 * arch/x86/kernel/e820.c, e820_type_to_string().
 */
#pragma once
#include "machine/machine.h"

/*
 * The kind behind a type string, whatever its case (kernels before 4.11 wrote "reserved"). False:
 * not one of them.
 */
bool memmap_kind(struct span type, enum mem_kind *kind);

/* The kernel's own string for a kind. */
const char *memmap_name(enum mem_kind kind);

/*
 * Add one entry of three texts. A type that we do not know is MEM_RESERVED: never touch what we
 * cannot name. -EBADMSG: a number is none, or end < start | -ENOMEM.
 */
int memmap_add(struct mem_map *map, struct span start, struct span end, struct span type,
	       struct err *err);

/*
 * Sort, merge, and resolve overlaps: where two kinds claim a byte the more forbidding one wins
 * (unusable, reserved, NVS, ACPI tables, persistent, soft reserved, RAM). O(n log n). 0 | -ENOMEM.
 */
int memmap_settle(struct mem_map *map, struct err *err);

/*
 * e820 type numbers (arch/x86/include/asm/e820/types.h) and back; an unknown number is
 * MEM_RESERVED.
 */
uint32_t memmap_to_e820(enum mem_kind kind);
enum mem_kind memmap_from_e820(uint32_t type);
