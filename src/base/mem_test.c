/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The purgatory's four functions under other names, beside libc's. */
#include "core/unit.h"

#include <string.h>

#define memcpy  our_memcpy
#define memmove our_memmove
#define memset  our_memset
#define memcmp  our_memcmp
#include "base/mem.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp

enum { N = 40 };

static void numbers(uint8_t *at)
{
	for (unsigned i = 0; i < N; i++)
		at[i] = (uint8_t)(i + 1);
}

static void copies_of_every_length_and_alignment(void **state)
{
	(void)state;
	for (size_t n = 0; n <= 20; n++) {
		for (size_t skew = 0; skew < 9; skew++) {
			uint8_t from[N], a[N] = {0}, b[N] = {0};

			numbers(from);
			assert_ptr_equal(our_memcpy(a + skew, from + 3, n), a + skew);
			memcpy(b + skew, from + 3, n);
			assert_memory_equal(a, b, N);
			assert_ptr_equal(our_memset(a + 3, 0x1ff, n), a + 3);
			memset(b + 3, 0xff, n);
			assert_memory_equal(a, b, N);
		}
	}
}

static void moves_over_itself(void **state)
{
	(void)state;
	for (size_t to = 0; to < 20; to++) {
		for (size_t n = 0; n <= 20; n++) {
			uint8_t a[N], b[N];

			numbers(a);
			numbers(b);
			assert_ptr_equal(our_memmove(a + to, a + 10, n), a + to);
			memmove(b + to, b + 10, n);
			assert_memory_equal(a, b, N);
		}
	}
}

static void compares_as_unsigned_bytes(void **state)
{
	(void)state;
	assert_true(our_memcmp("a\xff", "a\x01", 2) > 0);
	assert_true(our_memcmp("a\x01", "a\xff", 2) < 0);
	assert_int_equal(our_memcmp("ab", "ac", 1), 0);
	assert_int_equal(our_memcmp("ab", "ac", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_of_every_length_and_alignment),
		cmocka_unit_test(moves_over_itself),
		cmocka_unit_test(compares_as_unsigned_bytes),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
