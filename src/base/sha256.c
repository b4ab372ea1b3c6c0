/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/sha256.h"

#include "base/put.h"

/* FIPS 180-4, 4.2.2. */
const uint32_t sha256_k[64] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t ror(uint32_t v, unsigned n)
{
	return v >> n | v << (32 - n);
}

/*
 * The four functions of FIPS 180-4, 4.1.2, in the order that costs a two-operand CPU the fewest
 * instructions: each rotation is of what the one before left.
 */
static inline uint32_t big0(uint32_t a) /* ror 2, 13, 22 */
{
	return ror(ror(ror(a, 9) ^ a, 11) ^ a, 2);
}

static inline uint32_t big1(uint32_t e) /* ror 6, 11, 25 */
{
	return ror(ror(ror(e, 14) ^ e, 5) ^ e, 6);
}

static inline uint32_t small0(uint32_t w) /* ror 7, 18, shift 3 */
{
	return ror(ror(w, 11) ^ w, 7) ^ w >> 3;
}

static inline uint32_t small1(uint32_t w) /* ror 17, 19, shift 10 */
{
	return ror(ror(w, 2) ^ w, 17) ^ w >> 10;
}

#include "base/sha256_rounds.inc"

void sha256_blocks_generic(uint32_t state[8], const uint8_t *data, size_t nblocks)
{
	sha256_rounds(state, data, nblocks);
}

void sha256_init(struct sha256 *s, sha256_blocks_fn *blocks)
{
	static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

	for (unsigned i = 0; i < 8; i++)
		s->state[i] = start[i];
	s->len = 0;
	s->blocks = blocks ? blocks : sha256_blocks_generic;
}

void sha256_update(struct sha256 *s, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t have = s->len % SHA256_BLOCK;

	s->len += len;
	if (have) {
		while (have < SHA256_BLOCK && len) {
			s->tail[have++] = *p++;
			len--;
		}
		if (have < SHA256_BLOCK)
			return;
		s->blocks(s->state, s->tail, 1);
	}
	if (len >= SHA256_BLOCK)
		s->blocks(s->state, p, len / SHA256_BLOCK);
	p += len - len % SHA256_BLOCK;
	for (size_t i = 0; i < len % SHA256_BLOCK; i++)
		s->tail[i] = p[i];
}

void sha256_final(struct sha256 *s, uint8_t digest[SHA256_SIZE])
{
	size_t have = s->len % SHA256_BLOCK;
	uint64_t bits = s->len * 8;

	s->tail[have++] = 0x80;
	if (have > SHA256_BLOCK - 8) {
		while (have < SHA256_BLOCK)
			s->tail[have++] = 0;
		s->blocks(s->state, s->tail, 1);
		have = 0;
	}
	while (have < SHA256_BLOCK - 8)
		s->tail[have++] = 0;
	put_be(s->tail + SHA256_BLOCK - 8, bits, 8);
	s->blocks(s->state, s->tail, 1);
	for (unsigned i = 0; i < 8; i++)
		put_be(digest + 4 * i, s->state[i], 4);
}
