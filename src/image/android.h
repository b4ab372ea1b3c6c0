/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Android's boot image, versions 0 to 4, and the vendor_boot image beside it since version 3.
 * Integers are little-endian; parts follow the header in a fixed order, each from a page's start.
 * Format: docs/formats/android.md; AOSP system/tools/mkbootimg/include/bootimg/bootimg.h.
 */
#pragma once
#include "image/image.h"

/* Offsets in the header of versions 0 to 2; 1 and 2 are longer. */
enum {
	ANDROID_KERNEL_SIZE = 0x08,
	ANDROID_KERNEL_ADDR = 0x0c,
	ANDROID_RAMDISK_SIZE = 0x10,
	ANDROID_SECOND_SIZE = 0x18,
	ANDROID_PAGE_SIZE = 0x24,
	ANDROID_VERSION =
		0x28, /* in all versions; before there were any: size of a vendor's table */
	ANDROID_NAME = 0x30,
	ANDROID_CMDLINE = 0x40,
	ANDROID_CMDLINE_SIZE = 512,
	ANDROID_EXTRA_CMDLINE = 0x260,
	ANDROID_EXTRA_CMDLINE_SIZE = 1024,
	ANDROID_V0_SIZE = 0x660,
	ANDROID_RECOVERY_DTBO_SIZE = 0x660,
	ANDROID_V1_SIZE = 0x670,
	ANDROID_DTB_SIZE = 0x670,
	ANDROID_V2_SIZE = 0x67c,
};

/* Of versions 3 and 4. */
enum {
	ANDROID3_RAMDISK_SIZE = 0x0c,
	ANDROID3_HEADER_SIZE = 0x14,
	ANDROID3_CMDLINE = 0x2c,
	ANDROID3_CMDLINE_SIZE = 1536,
	ANDROID3_SIZE = 0x62c,
	ANDROID4_SIZE = 0x630,
	ANDROID3_PAGE = 4096,
};

/* Of vendor_boot, versions 3 and 4. */
enum {
	VENDOR_BOOT_VERSION = 0x08,
	VENDOR_BOOT_PAGE_SIZE = 0x0c,
	VENDOR_BOOT_RAMDISK_SIZE = 0x18,
	VENDOR_BOOT_CMDLINE = 0x1c,
	VENDOR_BOOT_CMDLINE_SIZE = 2048,
	VENDOR_BOOT_NAME = 0x820,
	VENDOR_BOOT_HEADER_SIZE = 0x830,
	VENDOR_BOOT_DTB_SIZE = 0x834,
	VENDOR_BOOT_V3_SAID = 0x83c, /* what mkbootimg of Android 11 says of the next */
	VENDOR_BOOT_V3_SIZE = 0x840,
	VENDOR_BOOT_TABLE_SIZE = 0x840,
	VENDOR_BOOT_TABLE_COUNT = 0x844,
	VENDOR_BOOT_ENTRY_SIZE = 0x848,
	VENDOR_BOOT_BOOTCONFIG_SIZE = 0x84c,
	VENDOR_BOOT_V4_SIZE = 0x850,
};

/* Of an entry of vendor_boot's table, version 4: size, offset in the ramdisks, type, name. */
enum {
	VENDOR_RAMDISK_NAME = 12,
	VENDOR_RAMDISK_NAME_SIZE = 32,
	VENDOR_RAMDISK_ENTRY = 108, /* at least; a board's id ends it */
	VENDOR_RAMDISK_RECOVERY = 2,
};

struct android {
	uint32_t version;
	bool vendor; /* vendor_boot: no kernel in it */
	uint32_t page;
	/* All borrow the file; what the image has not is empty. Texts are without NUL. */
	struct span kernel, ramdisk, second, recovery_dtbo, dtb;
	struct span name, cmdline, extra_cmdline; /* the line is both, with nothing between */
	/* vendor_boot 4: what @ramdisk is made of; 0 entries = it is one */
	struct span table, bootconfig;
	uint32_t entries, entry_size;
};

/*
 * 0 | -ENOEXEC: neither (@err untouched) | -EBADMSG: one, but damaged or cut | -ENOTSUP: of a
 * version that is not known. The signature and checksum in it (SHA-1, AVB) are not looked at.
 */
int android_read(struct span file, struct android *out, struct err *err);

/* The same as parts of @out. A vendor_boot image has no kernel, which is no error. */
int android_parse(struct span file, struct image *out, struct err *err);
/*
 * The same with the parts of a vendor_boot image, in the order in which Android's boot loaders join
 * them: its ramdisks (without those for recovery) first, its line last. Also -EINVAL: @file is no
 * boot image of version 3 or 4, or @vendor no vendor_boot image.
 */
int android_parse_with(struct span file, struct span vendor, struct image *out, struct err *err);
