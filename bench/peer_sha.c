/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hashes that many bytes by the SHA-256 of a purgatory that is linked in, and writes the digest:
 * ours by the block function BLOCKS, or with -DPEER that of kexec-tools. bench/per_byte.py counts
 * its instructions.
 */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static uint8_t data[1 << 13], digest[32];
static uint64_t state[64]; /* either program's, and more */

#ifdef PEER
void sha256_starts(void *);
void sha256_update(void *, void *, uint32_t);
void sha256_finish(void *, void *);

static void hash(uint32_t n)
{
	sha256_starts(state);
	sha256_update(state, data, n);
	sha256_finish(state, digest);
}
#else
void sha256_init(void *, void *);
void sha256_update(void *, void *, unsigned long);
void BLOCKS(void);
void sha256_final(void *, void *);

static void hash(uint32_t n)
{
	sha256_init(state, BLOCKS);
	sha256_update(state, data, n);
	sha256_final(state, digest);
}
#endif

int main(int argc, char **argv)
{
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	hash(argc > 1 ? (uint32_t)atoi(argv[1]) : 0);
	return write(1, digest, sizeof(digest)) != sizeof(digest);
}
