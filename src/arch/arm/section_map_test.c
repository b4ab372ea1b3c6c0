/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdbool.h>
#include <stddef.h>

#include "arch/arm/handoff.h"
#include "arch/arm/section_map.h"
#include "base/sha256.h"

static uint32_t table[SECTION_MAP_ENTRIES];

static bool is_cacheable(uint64_t addr)
{
	return (table[addr >> SECTION_SHIFT] & SECTION_WRITE_BACK) == SECTION_WRITE_BACK;
}

static void seal(struct handoff *h)
{
	struct sha256 s;

	sha256_init(&s, sha256_blocks_generic);
	sha256_update(&s, h, offsetof(struct handoff, digest));
	sha256_final(&s, h->digest);
}

static struct handoff sample(void)
{
	struct handoff h = {.magic = HANDOFF_MAGIC,
			    .version = HANDOFF_VERSION,
			    .size = sizeof(h),
			    .nregions = 3};

	h.regions[0].start = 0x40208000;
	h.regions[0].len = 0x500000;
	h.regions[1].start = 0x480fffff; /* its two bytes lie in two sections */
	h.regions[1].len = 2;
	h.regions[2].start = 0x50000000; /* empty */
	h.args[ARM_ARG_SELF] = 0x4a000000;
	h.args[ARM_ARG_SIZE] = 0x9000;
	seal(&h);
	return h;
}

/* Identity, all of it accessible; code runs in the purgatory's section alone. */
static void every_entry(void **state)
{
	(void)state;
	const struct handoff h = sample();

	assert_true(section_map(table, &h));
	for (uint32_t i = 0; i < SECTION_MAP_ENTRIES; i++) {
		assert_int_equal(table[i] >> SECTION_SHIFT, i);
		assert_int_equal(table[i] & 3, SECTION);
		assert_int_equal(table[i] & SECTION_ACCESS, SECTION_ACCESS);
		assert_int_equal(!(table[i] & SECTION_XN), i == 0x4a0);
	}
}

/* What is read a lot and what is written is cacheable; a UART never. */
static void what_is_cacheable(void **state)
{
	(void)state;
	const struct handoff h = sample();

	assert_true(section_map(table, &h));
	assert_true(is_cacheable(0x40208000));
	assert_true(is_cacheable(0x40707fff));
	assert_false(is_cacheable(0x40800000));
	assert_false(is_cacheable(0x401fffff));
	assert_true(is_cacheable(0x480fffff));
	assert_true(is_cacheable(0x48100000));
	assert_false(is_cacheable(0x48200000));
	assert_false(is_cacheable(0x50000000));
	assert_true(is_cacheable(0x4a008fff));
	assert_false(is_cacheable(0x09000000));
}

/* Ends of memory: nothing is written behind the map. */
static void far_regions(void **state)
{
	(void)state;
	struct handoff h = sample();

	h.nregions = HANDOFF_REGIONS;
	h.regions[15].start = 0xfff00000;
	h.regions[15].len = UINT64_MAX;
	h.regions[14].start = UINT64_MAX;
	h.regions[14].len = 5;
	h.regions[13].start = 0xfff00000;
	h.regions[13].len = 1ull << 40;
	seal(&h);
	assert_true(section_map(table, &h));
	assert_true(is_cacheable(0xfff00000));
	assert_false(is_cacheable(0));
}

/*
 * Where the purgatory lies is in the table too: from a damaged one comes a map in which it cannot
 * run, and so not reset the machine.
 */
static void a_damaged_table_makes_no_map(void **state)
{
	(void)state;
	struct handoff h = sample();

	h.args[ARM_ARG_SELF] ^= 0x10000000;
	assert_false(section_map(table, &h));
	h = sample();
	h.nregions = 0;
	seal(&h);
	assert_true(section_map(table, &h)); /* --no-checks */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_entry),
		cmocka_unit_test(what_is_cacheable),
		cmocka_unit_test(far_regions),
		cmocka_unit_test(a_damaged_table_makes_no_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
