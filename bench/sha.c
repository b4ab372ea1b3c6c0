/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sha generic|ni RUNS: SHA-256 of 8 MiB by our block function and by OpenSSL's EVP, in turns, so
 * that a busy machine slows both. Prints per run: our MB/s, OpenSSL's MB/s (processor time).
 * For the generic one start it with OPENSSL_ia32cap=0:0: then OpenSSL has plain x86-64 code only.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "arch/x86_64/sha256_ni.h"

#define BYTES (8u << 20)

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double ours(const uint8_t *data, sha256_blocks_fn *blocks, uint8_t digest[SHA256_SIZE])
{
	double start = cpu_s();
	struct sha256 s;

	sha256_init(&s, blocks);
	sha256_update(&s, data, BYTES);
	sha256_final(&s, digest);
	return BYTES / (cpu_s() - start) / 1e6;
}

static double theirs(const uint8_t *data, uint8_t digest[SHA256_SIZE])
{
	double start = cpu_s();

	if (!EVP_Digest(data, BYTES, digest, NULL, EVP_sha256(), NULL))
		return -1;
	return BYTES / (cpu_s() - start) / 1e6;
}

int main(int argc, char **argv)
{
	int runs = argc == 3 ? atoi(argv[2]) : 0;
	sha256_blocks_fn *blocks = sha256_blocks_generic;
	uint8_t *data = malloc(BYTES), mine[SHA256_SIZE], other[SHA256_SIZE];

	if (runs < 1 || !data)
		return 2;
	if (!strcmp(argv[1], "ni") && !sha256_ni_here()) {
		fprintf(stderr, "sha: this CPU has no SHA instructions\n");
		return 3;
	}
	if (!strcmp(argv[1], "ni"))
		blocks = sha256_blocks_ni;
	for (unsigned i = 0; i < BYTES; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 24);
	for (int i = -1; i < runs; i++) {
		double a = ours(data, blocks, mine), b = theirs(data, other);

		if (memcmp(mine, other, SHA256_SIZE)) {
			fprintf(stderr, "sha: the digests differ\n");
			return 1;
		}
		/* The first round only warms up. */
		if (i >= 0)
			printf("%.1f %.1f\n", a, b);
	}
	free(data);
	return 0;
}
