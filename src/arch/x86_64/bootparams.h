/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot_params, the "zero page", as pure functions over bytes. Layout: docs/formats/boot_params.md;
 * Linux Documentation/arch/x86/zero-page.rst and arch/x86/include/uapi/asm/bootparam.h (6.1).
 */
#pragma once
#include "image/image.h"
#include "machine/machine.h"

struct bootparams_in {
	const struct image *image;
	const struct machine *m;     /* screen_info, EDID, EFI tables, RSDP of the running kernel */
	const struct mem_map *map;   /* e820 of the next kernel; the first 128 entries stand in boot_params */
	uint64_t kernel_at;          /* physical load address */
	uint64_t cmdline_at, cmdline_len;
	uint64_t initrd_at, initrd_len; /* len 0 = none */
	uint64_t setup_data_at;      /* first node, 0 = none */
};

/*
 * Write a whole boot_params over the zeroed 4096 bytes at @out.
 * -EINVAL: an address that a field without its "ext_" half cannot hold.
 */
int bootparams_write(const struct bootparams_in *in, uint8_t *out, struct err *err);

/*
 * The setup_data nodes for the next kernel, chained, for the physical address @at: e820 entries beyond 128
 * (SETUP_E820_EXT), the EFI tables and runtime map (SETUP_EFI), @seed (32 bytes, NULL = none; SETUP_RNG_SEED), and those of
 * the running kernel that stay true. Appended to @out; nothing when there is nothing to say.
 */
int setup_data_chain(const struct machine *m, const struct mem_map *map, const uint8_t *seed,
		     uint64_t at, struct buf *out, struct err *err);

/* The next kernel's e820: the firmware's map with every range of @avoid made MEM_UNUSABLE. @out is empty on entry. */
int e820_jump(const struct machine *m, const struct range_list *avoid, struct mem_map *out, struct err *err);

/*
 * A capture kernel's e820: RAM in [0x1000, 640 KiB) and in @own (the crash regions less what it must not touch), less @avoid;
 * of the old map everything that is not RAM.
 */
int e820_crash(const struct machine *m, const struct range_list *own, const struct range_list *avoid,
	       struct mem_map *out, struct err *err);
