/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot_params, the "zero page", as pure functions over bytes. Layout: docs/formats/boot_params.md;
 * Linux Documentation/arch/x86/zero-page.rst and arch/x86/include/uapi/asm/bootparam.h (6.1).
 */
#pragma once
#include "arch/x86_64/e820.h"
#include "arch/x86_64/setup_data.h"
#include "image/image.h"
#include "machine/machine.h"

/* Offsets in boot_params; those of the setup header are in image/bzimage.h. */
enum {
	BP_EXT_MEM_K = 0x002, /* in screen_info */
	BP_ACPI_RSDP = 0x070,
	BP_EXT_RAMDISK_IMAGE = 0x0c0,
	BP_EXT_RAMDISK_SIZE = 0x0c4,
	BP_EXT_CMD_LINE_PTR = 0x0c8,
	BP_EDID = 0x140,
	BP_EFI_SIGNATURE = 0x1c0,
	BP_EFI_SYSTAB = 0x1c4,
	BP_EFI_MEMDESC_SIZE = 0x1c8,
	BP_EFI_MEMDESC_VERSION = 0x1cc,
	BP_EFI_MEMMAP = 0x1d0,
	BP_EFI_MEMMAP_SIZE = 0x1d4,
	BP_EFI_SYSTAB_HI = 0x1d8,
	BP_EFI_MEMMAP_HI = 0x1dc,
	BP_ALT_MEM_K = 0x1e0,
	BP_E820_ENTRIES = 0x1e8,
	BP_EDDBUF_ENTRIES = 0x1e9,
	BP_EDD_MBR_ENTRIES = 0x1ea,
	BP_KBD_STATUS = 0x1eb,
	BP_SECURE_BOOT = 0x1ec,
	BP_SENTINEL = 0x1ef,
	BP_HEADER = 0x1f1,
	BP_TYPE_OF_LOADER = 0x210,
	BP_LOADFLAGS = 0x211,
	BP_CODE32_START = 0x214,
	BP_RAMDISK_IMAGE = 0x218,
	BP_RAMDISK_SIZE = 0x21c,
	BP_CMD_LINE_PTR = 0x228,
	BP_HARDWARE_SUBARCH = 0x23c,
	BP_SETUP_DATA = 0x250,
	BP_EDD_MBR = 0x290,
	BP_E820 = 0x2d0,
	BP_EDDBUF = 0xd00,
	BP_SIZE = 4096,
};

struct bootparams_in {
	const struct bzimage *bz; /* the setup header's fields, and */
	struct span header;       /* its bytes from BP_HEADER on; empty: a vmlinux has none */
	const struct machine *m;   /* screen_info, EDID, EFI tables, RSDP of the running kernel */
	const struct mem_map *map; /* e820 of the next kernel; 128 entries stand in boot_params */
	uint64_t kernel_at;        /* physical load address */
	uint64_t cmdline_at, cmdline_len;
	uint64_t initrd_at, initrd_len; /* len 0 = none */
	uint64_t setup_data_at; /* what setup_data_chain made, 0 = none; unused before 2.09 */
};

/* The bytes of a bzImage's setup header; never the setup code behind it. */
struct span bootparams_header(const struct image *im);

/*
 * Write a whole boot_params over the zeroed BP_SIZE bytes at @out, which stay zero on failure.
 * -EINVAL: an address that a field without its "ext_" half cannot hold; a command line longer
 * than the kernel takes; a map of fewer than two ranges, which the kernel ignores
 * (arch/x86/kernel/e820.c, append_e820_table) | -ENOTSUP: protocol before 2.02.
 */
int bootparams_write(const struct bootparams_in *in, uint8_t *out, struct err *err);
