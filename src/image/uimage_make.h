/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the header of a uImage, for tests. */
#pragma once
#include <string.h>

#include "base/put.h"
#include "image/crc32.h"
#include "image/uimage.h"

/* Set both checksums anew, for @len bytes behind the header. */
static inline void uimage_make_sums(uint8_t *p, size_t len)
{
	put_be(p + UIMAGE_DATA_CRC, crc32_of(0, span_of(p + UIMAGE_HEADER_SIZE, len)), 4);
	put_be(p + UIMAGE_HEADER_CRC, 0, 4);
	put_be(p + UIMAGE_HEADER_CRC, crc32_of(0, span_of(p, UIMAGE_HEADER_SIZE)), 4);
}

/* The header of an arm64 kernel that is not compressed; the @len bytes behind it are there. */
static inline void uimage_make(uint8_t *p, enum uimage_type type, size_t len)
{
	memset(p, 0, UIMAGE_HEADER_SIZE);
	put_be(p + UIMAGE_MAGIC, UIMAGE_MAGIC_WORD, 4);
	put_be(p + UIMAGE_SIZE, len, 4);
	put_be(p + UIMAGE_LOAD, 0x40080000, 4);
	put_be(p + UIMAGE_ENTRY, 0x40080040, 4);
	p[UIMAGE_OS] = UIMAGE_OS_LINUX;
	p[UIMAGE_ARCH] = 22;
	p[UIMAGE_TYPE] = (uint8_t)type;
	memcpy(p + UIMAGE_NAME, "Linux-6.1", 9);
	uimage_make_sums(p, len);
}
