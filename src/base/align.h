/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* @align is a power of two in all of these (align_ok tells). */
static inline bool align_ok(uint64_t align)
{
	return align && !(align & (align - 1));
}

static inline uint64_t align_down(uint64_t v, uint64_t align)
{
	return v & ~(align - 1);
}

/* The next multiple of @align; UINT64_MAX where that does not exist (so that any limit check
 * fails). */
static inline uint64_t align_up(uint64_t v, uint64_t align)
{
	return v > UINT64_MAX - (align - 1) ? UINT64_MAX : (v + align - 1) & ~(align - 1);
}

static inline bool align_is(uint64_t v, uint64_t align)
{
	return !(v & (align - 1));
}
