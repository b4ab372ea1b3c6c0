/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "image/fit_hash.h"

/* Of "abc", as FIPS 180-4, RFC 1321 and coreutils have them. */
static const struct {
	const char *algo, *hex;
} known[] = {
	{"crc32", "352441c2"},
	{"md5", "900150983cd24fb0d6963f7d28e17f72"},
	{"sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"},
	{"sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"sha384", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
		   "8086072ba1e7cc2358baeca134c825a7"},
	{"sha512", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		   "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

static struct span text(const char *s)
{
	return span_of(s, strlen(s));
}

static size_t from_hex(const char *hex, uint8_t *out)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned byte;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		out[i] = (uint8_t)byte;
	}
	return n;
}

/* The right one is right; with any bit wrong, or a byte more or less, it is not. */
static void every_kind_is_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct span algo = text(known[i].algo), abc = text("abc");
		uint8_t value[65] = {0};
		size_t n = from_hex(known[i].hex, value);

		assert_int_equal(fit_hash_check(algo, span_of(value, n), abc, NULL), 1);
		assert_int_equal(fit_hash_check(algo, span_of(value, n - 1), abc, NULL), -EBADMSG);
		assert_int_equal(fit_hash_check(algo, span_of(value, n + 1), abc, NULL), -EBADMSG);
		for (size_t bit = 0; bit < 8 * n; bit++) {
			value[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(fit_hash_check(algo, span_of(value, n), abc, NULL),
					 -EBADMSG);
			value[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
}

static void says_what_it_is(void **state)
{
	(void)state;
	static const uint8_t zero[32];
	struct err err = ERR_INIT;

	fit_hash_check(text("crc32"), span_of(zero, 4), text("abc"), &err);
	assert_string_equal(err.text,
			    "crc32 is 0x352441c2, the file says 0x00000000: it is damaged");
	err = (struct err)ERR_INIT;
	fit_hash_check(text("sha256"), span_of(zero, 32), text("abc"), &err);
	assert_string_equal(err.text,
			    "sha256 is 0xba7816bf..., the file says 0x00000000...: it is damaged");
	assert_int_equal(fit_hash_check(text("sha"), span_of(zero, 4), text("abc"), NULL), 0);
	assert_int_equal(fit_hash_check(text("crc16-ccitt"), span_of(zero, 2), text("abc"), NULL),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_checked),
		cmocka_unit_test(says_what_it_is),
	};

	return cmocka_run_group_tests_name("fit_hash", tests, NULL, NULL);
}
