/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks of the lz4 legacy format, for tests: nobody wants 8 MiB of them in a file. */
#pragma once
#include <string.h>

#include "base/put.h"
#include "core/buf.h"

enum { LEGACY_BLOCK = 8 << 20 };

/* A block of @plain zeros, as lz4 packs them: a literal, a match at distance 1, five literals. */
static inline void add_legacy_block(struct buf *b, size_t plain)
{
	size_t match = plain - 6, more = match - 4 - 15, at = b->len;
	static const uint8_t end[6] = {5 << 4};
	uint8_t len[4];

	buf_zero(b, 4);
	buf_add(b, "\x1f\0\1\0", 4);
	for (; more >= 255; more -= 255)
		buf_add(b, "\xff", 1);
	buf_add(b, &(uint8_t){(uint8_t)more}, 1);
	buf_add(b, end, 6);
	put_le(len, b->len - at - 4, 4);
	memcpy(b->ptr + at, len, 4);
}
