/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/x86_64/sha256_ni.h"

static void both_block_functions_agree(void **state)
{
	(void)state;
	enum { BLOCKS = 37 };
	uint8_t data[BLOCKS * SHA256_BLOCK + 3];
	uint32_t seed = 1;

	if (!sha256_ni_here()) {
		print_message("this CPU has no SHA instructions\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(data); i++) {
		seed = seed * 1664525 + 1013904223;
		data[i] = (uint8_t)(seed >> 24);
	}
	for (size_t n = 0; n <= BLOCKS; n++) {
		uint32_t a[8] = {0, 1, 2, 3, 0xfffffffc, 0xfffffffd, 6, 7}, b[8];

		memcpy(b, a, sizeof(a));
		sha256_blocks_generic(a, data + n % 4, n);
		sha256_blocks_ni(b, data + n % 4, n);
		assert_memory_equal(a, b, sizeof(a));
	}
}

static void the_host_names_its_choice(void **state)
{
	(void)state;
	const char *name = NULL;
	sha256_blocks_fn *f = arch_host_sha256(&name);

	assert_true(f == arch_host_sha256(NULL));
	assert_string_equal(name, f == sha256_blocks_generic ? "generic" : "sha-ni");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_block_functions_agree),
		cmocka_unit_test(the_host_names_its_choice),
	};

	return cmocka_run_group_tests_name("sha-ni", tests, NULL, NULL);
}
