/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests on any host: reads a handoff as the CPU of a plan will. Never part of the library. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/put.h"
#include "base/span.h"
#include "purgatory/handoff.h"

/* @at: the bytes in a linked purgatory, in the byte order of its CPU. */
static inline void handoff_decode(const uint8_t *at, bool big, struct handoff *h)
{
	uint64_t (*get)(const uint8_t *, unsigned) = big ? get_be : get_le;
	const size_t longs = offsetof(struct handoff, console_addr);
	uint8_t *out = (uint8_t *)h;

	memcpy(h, at, sizeof(*h));
	for (size_t i = 0; i < longs; i += 4)
		memcpy(out + i, &(uint32_t){(uint32_t)get(at + i, 4)}, 4);
	for (size_t i = longs; i < offsetof(struct handoff, regions); i += 8)
		memcpy(out + i, &(uint64_t){get(at + i, 8)}, 8);
	for (size_t i = 0; i < HANDOFF_REGIONS; i++) {
		const uint8_t *region = at + offsetof(struct handoff, regions) + i * 64;

		h->regions[i].start = get(region, 8);
		h->regions[i].len = get(region + 8, 8);
	}
}

/* The handoff in a linked purgatory; NULL = there is none. */
static inline const uint8_t *handoff_find(struct span purgatory, bool big, struct handoff *h)
{
	uint8_t magic[8];

	(big ? put_be : put_le)(magic, HANDOFF_MAGIC, 4);
	(big ? put_be : put_le)(magic + 4, HANDOFF_VERSION, 4);
	const uint8_t *at = memmem(purgatory.ptr, purgatory.len, magic, sizeof(magic));

	if (at)
		handoff_decode(at, big, h);
	return at;
}
