/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE  32
#define SHA256_BLOCK 64

/*
 * SHA-256 (FIPS 180-4), one source for the host and for every purgatory. The block function is
 * chosen by the caller: sha256_blocks_generic, or a CPU's own (src/arch/<cpu>/sha256_*.c).
 * Freestanding.
 */
typedef void sha256_blocks_fn(uint32_t state[8], const uint8_t *data, size_t nblocks);

struct sha256 {
	uint32_t state[8];
	uint64_t len; /* bytes seen */
	sha256_blocks_fn *blocks;
	uint8_t tail[SHA256_BLOCK];
};

sha256_blocks_fn sha256_blocks_generic;

/* Round constants (FIPS 180-4, 4.2.2). */
extern const uint32_t sha256_k[64];

void sha256_init(struct sha256 *s, sha256_blocks_fn *blocks);
void sha256_update(struct sha256 *s, const void *data, size_t len);
void sha256_final(struct sha256 *s, uint8_t digest[SHA256_SIZE]);
