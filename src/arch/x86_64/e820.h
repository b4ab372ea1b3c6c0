/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory map that the next kernel is given. Types: ACPI 6.4 table 15.2, and Linux
 * arch/x86/include/asm/e820/types.h for those that ACPI does not know.
 */
#pragma once
#include "core/err.h"
#include "machine/machine.h"

enum { E820_INLINE = 128, E820_ENTRY_SIZE = 20 };

uint32_t e820_type(enum mem_kind kind);

/* One entry as in boot_params: u64 start, u64 size, u32 type. */
void e820_put(uint8_t out[E820_ENTRY_SIZE], const struct mem_range *r);

/*
 * For a jump: the firmware's map with the RAM in @avoid (normal list) made MEM_UNUSABLE. @out is
 * empty on entry and on failure; sorted, without overlaps, touching ranges of one kind merged.
 * 0 | -ENOMEM.
 */
int e820_jump(const struct machine *m, const struct range_list *avoid, struct mem_map *out,
	      struct err *err);

/*
 * For a capture kernel: RAM in [0x1000, 640 KiB) and in @own (normal: the crash regions less what
 * it must not touch), never more than the firmware calls RAM; RAM in @avoid is MEM_UNUSABLE; of
 * the old map everything that is not RAM.
 */
int e820_crash(const struct machine *m, const struct range_list *own,
	       const struct range_list *avoid, struct mem_map *out, struct err *err);
