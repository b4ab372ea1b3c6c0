/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdbool.h>
#include "base/span.h"

/*
 * A sticky reader over a span: a read past the end gives 0 and sets @bad, and all later reads give
 * 0. Read a whole header one line per field, then judge once. Freestanding.
 */
struct cursor {
	struct span in;
	size_t pos; /* offset of the next read, in bytes */
	bool big;   /* big-endian integers */
	bool bad;   /* a read ran past the end */
};

static inline struct cursor cursor_at(struct span in, uint64_t off, bool big)
{
	bool bad = off > in.len;

	return (struct cursor){in, bad ? in.len : (size_t)off, big, bad};
}

static inline struct cursor cursor_le(struct span in, uint64_t off)
{
	return cursor_at(in, off, false);
}

static inline struct cursor cursor_be(struct span in, uint64_t off)
{
	return cursor_at(in, off, true);
}

/* The next @n bytes, or an empty span with @bad set. */
static inline struct span cursor_take(struct cursor *c, uint64_t n)
{
	if (c->bad || n > c->in.len - c->pos) {
		c->bad = true;
		return (struct span){NULL, 0};
	}
	struct span s = {c->in.ptr + c->pos, (size_t)n};
	c->pos += (size_t)n;
	return s;
}

static inline void cursor_skip(struct cursor *c, uint64_t n)
{
	(void)cursor_take(c, n);
}

static inline uint64_t cursor_uint(struct cursor *c, unsigned bytes)
{
	struct span s = cursor_take(c, bytes);
	uint64_t v = 0;

	for (unsigned i = 0; i < s.len; i++)
		v |= (uint64_t)s.ptr[i] << 8 * (c->big ? s.len - 1 - i : i);
	return v;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	return (uint8_t)cursor_uint(c, 1);
}

static inline uint16_t cursor_u16(struct cursor *c)
{
	return (uint16_t)cursor_uint(c, 2);
}

static inline uint32_t cursor_u32(struct cursor *c)
{
	return (uint32_t)cursor_uint(c, 4);
}

static inline uint64_t cursor_u64(struct cursor *c)
{
	return cursor_uint(c, 8);
}
