/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source: Intel SDM volume 2, SHA256RNDS2, SHA256MSG1, SHA256MSG2. The state lives in two registers
 * as the instruction wants it, {a,b,e,f} and {c,d,g,h}, the highest lane first.
 */
#include "arch/x86_64/sha256_ni.h"

#include <cpuid.h>
#include <immintrin.h>

#define SHA_NI __attribute__((target("sha,ssse3,sse4.1")))
/* Always inline: a target that differs from the callers' would forbid it only to optimisers. */
#define STEP SHA_NI static inline __attribute__((always_inline))

typedef __m128i words;

struct vars {
	__m128i abef, cdgh;
};

/* Four rounds with the schedule words @w. */
STEP void rounds4(struct vars *s, __m128i w, unsigned i)
{
	__m128i kw =
		_mm_add_epi32(w, _mm_load_si128((const __m128i *)(const void *)(sha256_k + i)));

	s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, kw);
	s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(kw, 0x0e));
}

/* The four words that follow @w0 .. @w3 in the schedule. */
STEP __m128i next4(__m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
	__m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));

	return _mm_sha256msg2_epu32(sum, w3);
}

STEP __m128i load4(const uint8_t *at)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

	return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)at), swap);
}

#include "base/sha256_block.inc"

SHA_NI void sha256_blocks_ni(uint32_t state[8], const uint8_t *data, size_t nblocks)
{
	__m128i lo = _mm_loadu_si128((const __m128i *)(const void *)state);       /* d c b a */
	__m128i hi = _mm_loadu_si128((const __m128i *)(const void *)(state + 4)); /* h g f e */
	struct vars s;

	lo = _mm_shuffle_epi32(lo, 0xb1); /* c d a b */
	hi = _mm_shuffle_epi32(hi, 0x1b); /* e f g h */
	s.abef = _mm_alignr_epi8(lo, hi, 8);
	s.cdgh = _mm_blend_epi16(hi, lo, 0xf0);
	for (; nblocks; nblocks--, data += SHA256_BLOCK) {
		struct vars before = s;

		block(&s, data);
		s.abef = _mm_add_epi32(s.abef, before.abef);
		s.cdgh = _mm_add_epi32(s.cdgh, before.cdgh);
	}
	lo = _mm_shuffle_epi32(s.abef, 0x1b); /* f e b a */
	hi = _mm_shuffle_epi32(s.cdgh, 0xb1); /* d c h g */
	_mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(lo, hi, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(hi, lo, 8));
}

bool sha256_ni_here(void)
{
	const unsigned ssse3 = 1u << 9, sse41 = 1u << 19, sha = 1u << 29;
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || (c & (ssse3 | sse41)) != (ssse3 | sse41))
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & sha);
}
