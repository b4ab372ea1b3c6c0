/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/riscv64/sha256_zknh.h"

/* By number: old assemblers do not know their names. */
#define SIGMA(name, number)                                                                        \
	static inline uint32_t name(uint32_t x)                                                    \
	{                                                                                          \
		uint64_t out;                                                                      \
                                                                                                   \
		__asm__(".insn i 0x13, 1, %0, %1, " #number                                        \
			: "=r"(out)                                                                \
			: "r"((int64_t)(int32_t)x));                                               \
		return (uint32_t)out;                                                              \
	}
SIGMA(big0, 0x100)
SIGMA(big1, 0x101)
SIGMA(small0, 0x102)
SIGMA(small1, 0x103)

#include "base/sha256_rounds.inc"

void sha256_blocks_zknh(uint32_t state[8], const uint8_t *data, size_t nblocks)
{
	sha256_rounds(state, data, nblocks);
}
