/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes. A span never owns what it points at; struct buf (core/buf.h) does. */
struct span {
	const uint8_t *ptr;
	size_t len;
};

static inline struct span span_of(const void *ptr, size_t len)
{
	return (struct span){(const uint8_t *)ptr, len};
}

/* The bytes [off, off + len) of @s, or an empty span with a NULL ptr where they are not all inside.
 */
static inline struct span span_sub(struct span s, uint64_t off, uint64_t len)
{
	if (off > s.len || len > s.len - off)
		return (struct span){NULL, 0};
	return (struct span){s.ptr ? s.ptr + off : NULL, (size_t)len};
}

/* All bytes of @s from @off on; empty (ptr NULL) when @off lies behind the end. */
static inline struct span span_from(struct span s, uint64_t off)
{
	return off > s.len ? (struct span){NULL, 0}
			   : (struct span){s.ptr ? s.ptr + off : NULL, s.len - (size_t)off};
}
