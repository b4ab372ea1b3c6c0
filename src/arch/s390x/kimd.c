/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source: z/Architecture Principles of Operation, "STORE FACILITY LIST EXTENDED" and "COMPUTE
 * INTERMEDIATE MESSAGE DIGEST". */
#include "arch/s390x/kimd.h"

enum { FACILITY_MSA = 17, KIMD_QUERY = 0, KIMD_SHA_256 = 2 };

/* Facilities 0 to 63, bit 0 first. */
static uint64_t facilities(void)
{
	uint64_t list = 0;

	__asm__ volatile("lghi %%r0, 0\n\t"
			 ".insn s, 0xb2b00000, %0" /* stfle */
			 : "+Q"(list)
			 :
			 : "r0", "cc");
	return list;
}

/* @block: what the function keeps between calls. Condition code 3 means that there is more to do.
 */
static void kimd(unsigned function, void *block, const uint8_t *data, size_t len)
{
	register uint64_t code __asm__("0") = function;
	register void *at __asm__("1") = block;
	register const uint8_t *from __asm__("2") = data;
	register uint64_t left __asm__("3") = len;

	__asm__ volatile("0: .insn rre, 0xb93e0000, %%r0, %%r2\n\t"
			 "jo 0b"
			 : "+d"(from), "+d"(left)
			 : "d"(code), "a"(at)
			 : "cc", "memory");
}

bool kimd_here(void)
{
	uint8_t functions[16] = {0};

	if (!(facilities() >> (63 - FACILITY_MSA) & 1))
		return false;
	kimd(KIMD_QUERY, functions, 0, 0);
	return functions[KIMD_SHA_256 / 8] >> (7 - KIMD_SHA_256 % 8) & 1;
}

void sha256_blocks_kimd(uint32_t state[8], const uint8_t *data, size_t nblocks)
{
	kimd(KIMD_SHA_256, state, data, nblocks * SHA256_BLOCK);
}
