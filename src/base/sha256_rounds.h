/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rounds of SHA-256 (FIPS 180-4, 6.2.2), for a file that has defined the four functions of
 * 4.1.2 before: big0, big1, small0, small1, of a uint32_t. Freestanding.
 */
#pragma once
#include "base/sha256.h"

/* Compilers see one load and a byte swap in this. */
static inline uint32_t load_be(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/*
 * One round. Nobody moves eight variables along: the caller names them one place on for the next
 * round. @ab is a ^ b, which is the next round's b ^ c: it saves half of Maj(a, b, c).
 */
#define ROUND(a, b, c, d, e, f, g, h, kw)                                                          \
	do {                                                                                       \
		uint32_t ab = a ^ b;                                                               \
		h += big1(e) + (g ^ (e & (f ^ g))) + (kw);                                         \
		d += h;                                                                            \
		h += big0(a) + (b ^ (bc & ab));                                                    \
		bc = ab;                                                                           \
	} while (0)

/* Eight rounds bring every variable back to its place. */
#define ROUNDS8(a, b, c, d, e, f, g, h, i, W)                                                      \
	do {                                                                                       \
		ROUND(a, b, c, d, e, f, g, h, kp[(i) + 0] + W((i) + 0));                           \
		ROUND(h, a, b, c, d, e, f, g, kp[(i) + 1] + W((i) + 1));                           \
		ROUND(g, h, a, b, c, d, e, f, kp[(i) + 2] + W((i) + 2));                           \
		ROUND(f, g, h, a, b, c, d, e, kp[(i) + 3] + W((i) + 3));                           \
		ROUND(e, f, g, h, a, b, c, d, kp[(i) + 4] + W((i) + 4));                           \
		ROUND(d, e, f, g, h, a, b, c, kp[(i) + 5] + W((i) + 5));                           \
		ROUND(c, d, e, f, g, h, a, b, kp[(i) + 6] + W((i) + 6));                           \
		ROUND(b, c, d, e, f, g, h, a, kp[(i) + 7] + W((i) + 7));                           \
	} while (0)

/* Where the words of a round come from: the block, or the schedule, 16 words kept in a ring. */
#define FROM_BLOCK(i) (w[i] = load_be(data + 4 * (i)))
#define FROM_RING(i)                                                                               \
	(w[i] += small0(w[((i) + 1) & 15]) + w[((i) + 9) & 15] + small1(w[((i) + 14) & 15]))

static inline void sha256_rounds(uint32_t state[8], const uint8_t *data, size_t nblocks)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];

	for (; nblocks; nblocks--, data += SHA256_BLOCK) {
		const uint32_t *kp = sha256_k;
		uint32_t w[16], bc = b ^ c;

		ROUNDS8(a, b, c, d, e, f, g, h, 0, FROM_BLOCK);
		ROUNDS8(a, b, c, d, e, f, g, h, 8, FROM_BLOCK);
		while (kp != sha256_k + 48) {
			kp += 16;
			ROUNDS8(a, b, c, d, e, f, g, h, 0, FROM_RING);
			ROUNDS8(a, b, c, d, e, f, g, h, 8, FROM_RING);
		}
		a = state[0] += a;
		b = state[1] += b;
		c = state[2] += c;
		d = state[3] += d;
		e = state[4] += e;
		f = state[5] += f;
		g = state[6] += g;
		h = state[7] += h;
	}
}
