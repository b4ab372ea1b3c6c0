/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86 bzImage: real-mode setup code followed by a self-extracting protected-mode kernel.
 * Format: docs/formats/bzimage.md; Linux Documentation/arch/x86/boot.rst (protocol 2.00 to 2.15).
 */
#pragma once
#include "image/image.h"

/* xloadflags */
#define XLF_KERNEL_64              (1u << 0)
#define XLF_CAN_BE_LOADED_ABOVE_4G (1u << 1)
#define XLF_EFI_HANDOVER_32        (1u << 2)
#define XLF_EFI_HANDOVER_64        (1u << 3)
#define XLF_EFI_KEXEC              (1u << 4)
#define XLF_5LEVEL                 (1u << 5)
#define XLF_5LEVEL_ENABLED         (1u << 6)

/* Offsets in the file; the header has the same ones in boot_params. */
enum {
	BZ_SETUP_SECTS = 0x1f1,
	BZ_SYSSIZE = 0x1f4,
	BZ_BOOT_FLAG = 0x1fe,
	BZ_JUMP = 0x200,
	BZ_MAGIC = 0x202,
	BZ_VERSION = 0x206,
	BZ_KERNEL_VERSION = 0x20e,
	BZ_LOADFLAGS = 0x211,
	BZ_INITRD_ADDR_MAX = 0x22c,
	BZ_KERNEL_ALIGNMENT = 0x230,
	BZ_RELOCATABLE = 0x234,
	BZ_XLOADFLAGS = 0x236,
	BZ_CMDLINE_SIZE = 0x238,
	BZ_PAYLOAD_OFFSET = 0x248,
	BZ_PAYLOAD_LENGTH = 0x24c,
	BZ_PREF_ADDRESS = 0x258,
	BZ_INIT_SIZE = 0x260,
};

/*
 * 0 | -ENOEXEC: no bzImage (@err untouched) | -EBADMSG: one, but damaged (@err says where) |
 * -ENOTSUP: a zImage (loaded low), or a protocol older than 2.00.
 * On success @out borrows @file. entry16 is where a loader of old would jump: 0x90200. The kernels
 * before protocol 2.12 do not tell 64-bit ones from 32-bit ones; they are given as i386.
 */
int bzimage_parse(struct span file, struct image *out, struct err *err);
