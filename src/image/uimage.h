/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uImage, the "legacy" image of U-Boot: a header of 64 bytes with two checksums before a kernel, a
 * ramdisk, or a list of files. Integers are big-endian on every CPU.
 * Format: docs/formats/uimage.md; U-Boot include/image.h, boot/image.c.
 */
#pragma once
#include "image/image.h"

/* Offsets in the header. */
enum {
	UIMAGE_MAGIC = 0x00,
	UIMAGE_HEADER_CRC = 0x04, /* of the header, with this field as 0 */
	UIMAGE_SIZE = 0x0c,       /* of what follows the header */
	UIMAGE_LOAD = 0x10,
	UIMAGE_ENTRY = 0x14,
	UIMAGE_DATA_CRC = 0x18,
	UIMAGE_OS = 0x1c, /* one byte each */
	UIMAGE_ARCH = 0x1d,
	UIMAGE_TYPE = 0x1e,
	UIMAGE_COMP = 0x1f,
	UIMAGE_NAME = 0x20,
	UIMAGE_NAME_SIZE = 0x20, /* without a NUL where it is full */
	UIMAGE_HEADER_SIZE = 0x40,
};

#define UIMAGE_MAGIC_WORD 0x27051956u
#define UIMAGE_OS_LINUX   5

enum uimage_type {
	UIMAGE_KERNEL = 2,
	UIMAGE_RAMDISK = 3,
	UIMAGE_MULTI = 4, /* kernel, then a ramdisk, then a device tree */
	UIMAGE_FLATDT = 8,
	UIMAGE_KERNEL_NOLOAD = 14,
};

struct uimage {
	uint32_t load, entry; /* physical; what they mean is up to the kernel inside */
	uint8_t arch, type;
	enum image_compression compression; /* of the kernel; of nothing else in a list */
	struct span name;
	/* borrow the file; no ptr = not in it */
	struct span kernel, ramdisk, dtb;
};

/*
 * 0 | -ENOEXEC: no uImage (@err untouched) | -EBADMSG: one, but damaged, cut, or of a wrong
 * checksum | -ENOTSUP: of a type that is loaded by nobody, or a compression that is not known.
 * What lies behind the size in the header is not looked at: partitions are longer.
 */
int uimage_read(struct span file, struct uimage *out, struct err *err);

/* "arm64" …; NULL for a CPU that is not known here, and where one code is of several (PowerPC). */
const char *uimage_arch(uint8_t arch);

/* The same as parts of @out. One without a kernel (a ramdisk by itself) is no error. */
int uimage_parse(struct span file, struct image *out, struct err *err);
