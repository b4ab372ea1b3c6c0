/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source: DDI 0487, C7.2: SHA256H, SHA256H2, SHA256SU0, SHA256SU1. The state lives in two
 * registers, {a,b,c,d} and {e,f,g,h}, the lowest lane first. The 16 round constants' registers, the
 * schedule's four and the state's leave enough of the 32, so that nothing is loaded in the loop but
 * data.
 */
#include "arch/arm64/sha256_ce.h"

#include <arm_neon.h>

#define STEP static inline __attribute__((always_inline))

struct ce {
	uint32x4_t abcd, efgh;
};

/* Four rounds with the schedule words @w and the constants @k. */
STEP void rounds4(struct ce *s, uint32x4_t w, uint32x4_t k)
{
	uint32x4_t kw = vaddq_u32(w, k), abcd = s->abcd;

	s->abcd = vsha256hq_u32(abcd, s->efgh, kw);
	s->efgh = vsha256h2q_u32(s->efgh, abcd, kw);
}

/* The four words that follow @w0 .. @w3 in the schedule. */
STEP uint32x4_t next4(uint32x4_t w0, uint32x4_t w1, uint32x4_t w2, uint32x4_t w3)
{
	return vsha256su1q_u32(vsha256su0q_u32(w0, w1), w2, w3);
}

/*
 * One load of 16 single bytes needs no alignment, in device memory neither (DDI 0487, B2.9.2),
 * which all is while the MMU is off. Compilers that must be strict about alignment make 16 loads of
 * it.
 */
STEP uint32x4_t load4(const uint8_t *at)
{
	const uint8_t(*all)[16] = (const uint8_t(*)[16])at;
	uint8x16_t v;

	__asm__("ld1 {%0.16b}, [%1]" : "=w"(v) : "r"(at), "m"(*all));
	return vreinterpretq_u32_u8(vrev32q_u8(v));
}

STEP void rounds16(struct ce *s, const uint32x4_t w[4], const uint32x4_t *k)
{
	rounds4(s, w[0], k[0]);
	rounds4(s, w[1], k[1]);
	rounds4(s, w[2], k[2]);
	rounds4(s, w[3], k[3]);
}

STEP void next16(uint32x4_t w[4])
{
	w[0] = next4(w[0], w[1], w[2], w[3]);
	w[1] = next4(w[1], w[2], w[3], w[0]);
	w[2] = next4(w[2], w[3], w[0], w[1]);
	w[3] = next4(w[3], w[0], w[1], w[2]);
}

void sha256_blocks_ce(uint32_t state[8], const uint8_t *data, size_t nblocks)
{
	struct ce s = {vld1q_u32(state), vld1q_u32(state + 4)};
	uint32x4_t k[16];

	for (unsigned i = 0; i < 16; i++)
		k[i] = vld1q_u32(sha256_k + 4 * i);
	for (; nblocks; nblocks--, data += SHA256_BLOCK) {
		uint32x4_t w[4] = {load4(data), load4(data + 16), load4(data + 32),
				   load4(data + 48)};
		struct ce before = s;

		rounds16(&s, w, k);
		next16(w);
		rounds16(&s, w, k + 4);
		next16(w);
		rounds16(&s, w, k + 8);
		next16(w);
		rounds16(&s, w, k + 12);
		s.abcd = vaddq_u32(s.abcd, before.abcd);
		s.efgh = vaddq_u32(s.efgh, before.efgh);
	}
	vst1q_u32(state, s.abcd);
	vst1q_u32(state + 4, s.efgh);
}
