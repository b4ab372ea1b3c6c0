/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs on arm64 hosts only; in a purgatory tests/purgatory/run.py runs the same file. */
#include "core/unit.h"

#include <string.h>

#include "arch/arch.h"

static void both_block_functions_agree(void **state)
{
	(void)state;
	enum { BLOCKS = 37 };
	uint8_t data[BLOCKS * SHA256_BLOCK + 3];
	uint32_t seed = 1;
	const char *name;
	sha256_blocks_fn *fast = arch_host_sha256(&name);

	if (fast == sha256_blocks_generic) {
		print_message("this CPU has no SHA instructions\n");
		skip();
	}
	assert_string_equal(name, "armv8-ce");
	for (size_t i = 0; i < sizeof(data); i++) {
		seed = seed * 1664525 + 1013904223;
		data[i] = (uint8_t)(seed >> 24);
	}
	for (size_t n = 0; n <= BLOCKS; n++) {
		uint32_t a[8] = {0, 1, 2, 3, 0xfffffffc, 0xfffffffd, 6, 7}, b[8];

		memcpy(b, a, sizeof(a));
		sha256_blocks_generic(a, data + n % 4, n);
		fast(b, data + n % 4, n);
		assert_memory_equal(a, b, sizeof(a));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(both_block_functions_agree)};

	return cmocka_run_group_tests_name("sha256 of ARMv8 CE", tests, NULL, NULL);
}
