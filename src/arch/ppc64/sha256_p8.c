/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source: Power ISA 2.07, book I, 6.10 "Vector SHA-256 Sigma Word"; FIPS 180-4, 6.2.2. Four words
 * of the schedule are made at once. A variable of the rounds is lane 0 of a vector of its own; what
 * the other lanes hold does not matter. Lanes are counted as the compiler counts them, so the byte
 * order makes no difference but for loading.
 */
#include "arch/ppc64/sha256_p8.h"

#include <altivec.h>

typedef __vector unsigned int words;
typedef __vector unsigned char bytes;

#define STEP static inline __attribute__((always_inline))

/* In assembler: gcc and clang call the builtin by different names. @st, @six: constants. */
#define sigma(x, st, six)                                                                          \
	({                                                                                         \
		words out_;                                                                        \
		__asm__("vshasigmaw %0,%1,%2,%3" : "=v"(out_) : "v"(x), "i"(st), "i"(six));        \
		out_;                                                                              \
	})

/* The functions of FIPS 180-4, 4.1.2, in every lane. */
#define BIG_SIGMA0(x)   sigma((x), 1, 0)
#define BIG_SIGMA1(x)   sigma((x), 1, 15)
#define SMALL_SIGMA0(x) sigma((x), 0, 0)
#define SMALL_SIGMA1(x) sigma((x), 0, 15)

STEP words load4(const uint8_t *at)
{
	bytes b;

	__builtin_memcpy(&b, at, sizeof(b));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	b = __builtin_shufflevector(b, b, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
#endif
	return (words)b;
}

/* The four words that follow @w0 .. @w3 in the schedule; the last two need the first two. */
STEP words next4(words w0, words w1, words w2, words w3)
{
	words sum = w0 + SMALL_SIGMA0(__builtin_shufflevector(w0, w1, 1, 2, 3, 4)) +
		    __builtin_shufflevector(w2, w3, 1, 2, 3, 4);
	words zero = {0, 0, 0, 0};
	words low = sum + SMALL_SIGMA1(__builtin_shufflevector(w3, zero, 2, 3, 4, 4));

	return low + SMALL_SIGMA1(__builtin_shufflevector(low, zero, 4, 4, 0, 1));
}

struct vars {
	words a, b, c, d, e, f, g, h;
};

/* One round with lane 0 of @kw; the variables' names move on. */
STEP void round1(struct vars *s, words kw)
{
	words choice = vec_sel(s->g, s->f, s->e);
	words majority = vec_sel(s->b, s->c, s->a ^ s->b);
	words t = s->h + kw + choice + BIG_SIGMA1(s->e);

	s->h = s->g;
	s->g = s->f;
	s->f = s->e;
	s->e = s->d + t;
	s->d = s->c;
	s->c = s->b;
	s->b = s->a;
	s->a = t + BIG_SIGMA0(s->b) + majority;
}

STEP void rounds4(struct vars *s, words w, unsigned i)
{
	words kw = w + *(const words *)(const void *)(sha256_k + i);

	round1(s, kw);
	round1(s, __builtin_shufflevector(kw, kw, 1, 1, 1, 1));
	round1(s, __builtin_shufflevector(kw, kw, 2, 2, 2, 2));
	round1(s, __builtin_shufflevector(kw, kw, 3, 3, 3, 3));
}

#include "base/sha256_block.inc"

STEP words lane0(uint32_t v)
{
	return (words){v, v, v, v};
}

void sha256_blocks_p8(uint32_t state[8], const uint8_t *data, size_t nblocks)
{
	struct vars s = {lane0(state[0]), lane0(state[1]), lane0(state[2]), lane0(state[3]),
			 lane0(state[4]), lane0(state[5]), lane0(state[6]), lane0(state[7])};

	for (; nblocks; nblocks--, data += SHA256_BLOCK) {
		struct vars was = s;

		block(&s, data);
		s.a += was.a;
		s.b += was.b;
		s.c += was.c;
		s.d += was.d;
		s.e += was.e;
		s.f += was.f;
		s.g += was.g;
		s.h += was.h;
	}
	state[0] = s.a[0];
	state[1] = s.b[0];
	state[2] = s.c[0];
	state[3] = s.d[0];
	state[4] = s.e[0];
	state[5] = s.f[0];
	state[6] = s.g[0];
	state[7] = s.h[0];
}
