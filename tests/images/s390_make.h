/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flat image of s390x as small as one can be, for tests. */
#pragma once
#include <stdlib.h>
#include <string.h>

#include "base/put.h"
#include "image/s390_image.h"

enum { S390_MAKE_SIZE = 0x13000, S390_MAKE_XZ = 0x12006, S390_MAKE_PACKED = 0x800 };
enum { S390_MAKE_UNPACKED = 0x3456, S390_MAKE_LINE = 0x1000 };

/*
 * An image that declares a command line of 4 KiB, knows kdump, and has an xz stream (its first
 * bytes, that is) of S390_MAKE_PACKED bytes with the size behind it, which unpacks to
 * S390_MAKE_UNPACKED. To be freed.
 */
static inline uint8_t *s390_make(void)
{
	static const uint8_t kdump[] = {0xa7, 0x18, 0x00, 0x02}, jump[] = {0xa7, 0xf4, 0x00, 0x78};
	static const uint8_t xz[] = {0xfd, '7', 'z', 'X', 'Z', 0, 0, 1, 0x69, 0x22, 0xde, 0x36};
	uint8_t *p = calloc(1, S390_MAKE_SIZE);

	memcpy(p + S390_MAGIC, "S390EP\0\1", 8);
	memcpy(p + S390_ENTRY_KDUMP, jump, sizeof(jump));
	memcpy(p + 0x10100, kdump, sizeof(kdump));
	put_be(p + S390_VERSION_AT, 0x11800, 8);
	put_be(p + S390_CMDLINE_MAX, S390_MAKE_LINE, 8);
	strcpy((char *)p + S390_CMDLINE, "root=/dev/ram0 ro");
	strcpy((char *)p + 0x11800, "6.1.0-50-s390x (a@b) #1 SMP");
	/* What the decompressor itself knows of xz. */
	memcpy(p + 0x11900, xz, 6);
	memset(p + S390_MAKE_XZ, 0x55, S390_MAKE_PACKED - 4);
	memcpy(p + S390_MAKE_XZ, xz, sizeof(xz));
	put_le(p + S390_MAKE_XZ + S390_MAKE_PACKED - 4, S390_MAKE_UNPACKED, 4);
	put_le(p + S390_MAKE_SIZE - 8, 0x504c497a20000000, 8);
	return p;
}
