/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vectors: FIPS 180-2 appendix B, and NIST CAVP SHA256ShortMsg / SHA256LongMsg. */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/sha256.h"

static void hex_text(const uint8_t digest[SHA256_SIZE], char out[65])
{
	for (unsigned i = 0; i < SHA256_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static void hex_of(const void *data, size_t len, char out[65])
{
	struct sha256 s;
	uint8_t digest[SHA256_SIZE];

	sha256_init(&s, NULL);
	sha256_update(&s, data, len);
	sha256_final(&s, digest);
	hex_text(digest, out);
}

static void known_answers(void **state)
{
	(void)state;
	static const struct {
		const char *text, *digest;
	} rows[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"\xd3", "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	char got[65];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		hex_of(rows[i].text, strlen(rows[i].text), got);
		assert_string_equal(got, rows[i].digest);
	}
}

static void a_million_letters(void **state)
{
	(void)state;
	char *a = malloc(1000000), got[65];

	memset(a, 'a', 1000000);
	hex_of(a, 1000000, got);
	assert_string_equal(got,
			    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(a);
}

/* Where the input is cut must not matter; every length around one, two and three blocks is tried.
 */
static void every_length_split_everywhere(void **state)
{
	(void)state;
	uint8_t data[200], whole[SHA256_SIZE], parts[SHA256_SIZE];
	struct sha256 s, all;
	char got[65];

	sha256_init(&all, NULL);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + 1);
	for (size_t len = 0; len <= sizeof(data); len++) {
		sha256_init(&s, sha256_blocks_generic);
		sha256_update(&s, data, len);
		sha256_final(&s, whole);
		sha256_update(&all, whole, sizeof(whole));
		for (size_t cut = 0; cut <= len; cut++) {
			sha256_init(&s, NULL);
			sha256_update(&s, data, cut);
			sha256_update(&s, data + cut, len - cut);
			sha256_final(&s, parts);
			assert_memory_equal(parts, whole, SHA256_SIZE);
		}
	}
	sha256_final(&all, whole);
	hex_text(whole, got);
	assert_string_equal(got,
			    "a762260eaf7d0bf0f3e5c702dd2bc7de18bb629df9cad5b668d384084812f4f8");
}

/* The plain algorithm of FIPS 180-4, 6.2.2, as a yardstick for the unrolled one. */
static void plain_block(uint32_t state[8], const uint8_t *p)
{
	uint32_t w[64], s[8];
#define R(v, n) ((v) >> (n) | (v) << (32 - (n)))
	for (unsigned i = 0; i < 16; i++)
		w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
		       (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
	for (unsigned i = 16; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] +
		       (R(w[i - 15], 7) ^ R(w[i - 15], 18) ^ w[i - 15] >> 3) +
		       (R(w[i - 2], 17) ^ R(w[i - 2], 19) ^ w[i - 2] >> 10);
	memcpy(s, state, sizeof(s));
	for (unsigned i = 0; i < 64; i++) {
		uint32_t t1 = s[7] + (R(s[4], 6) ^ R(s[4], 11) ^ R(s[4], 25)) +
			      ((s[4] & s[5]) ^ (~s[4] & s[6])) + sha256_k[i] + w[i];
		uint32_t t2 = (R(s[0], 2) ^ R(s[0], 13) ^ R(s[0], 22)) +
			      ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

		memmove(s + 1, s, 7 * sizeof(*s));
		s[4] += t1;
		s[0] = t1 + t2;
	}
	for (unsigned i = 0; i < 8; i++)
		state[i] += s[i];
#undef R
}

static void blocks_follow_the_standard(void **state)
{
	(void)state;
	uint8_t data[3 * SHA256_BLOCK + 1];
	uint32_t a[8] = {1, 2, 3, 4, 5, 6, 7, 0xffffffff}, b[8];

	memcpy(b, a, sizeof(a));
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * i + 3 * i);
	/* Odd addresses too: a region starts anywhere. */
	sha256_blocks_generic(a, data + 1, 3);
	for (unsigned i = 0; i < 3; i++)
		plain_block(b, data + 1 + i * SHA256_BLOCK);
	assert_memory_equal(a, b, sizeof(a));
	sha256_blocks_generic(a, data, 0);
	assert_memory_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(a_million_letters),
		cmocka_unit_test(every_length_split_everywhere),
		cmocka_unit_test(blocks_follow_the_standard),
	};

	return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
