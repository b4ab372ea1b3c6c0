/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The identity map, walked as the CPU does it (DDI 0487, D8.2), and the argument about the cache:
 * what is written while it is on is written back afterwards.
 */
#include "core/unit.h"

#include <stdlib.h>
#include <string.h>

#include "arch/arm64/handoff.h"
#include "arch/arm64/mmu.h"
#include "base/align.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

#define POOL_AT 0x48000000ull /* where the tables are said to lie */

static uint64_t pool[MMU_TABLES][MMU_ENTRIES];

static struct mmu_tables fresh(unsigned ntables, bool el2)
{
	memset(pool, 0, sizeof(pool));
	return (struct mmu_tables){
		.pool = pool, .pool_at = POOL_AT, .ntables = ntables, .leaf = mmu_leaf(el2)};
}

/* The leaf that translates @va, and the bytes behind it; 0: a fault. */
static uint64_t walk(const struct mmu_tables *t, uint64_t va, uint64_t *size)
{
	const uint64_t *table = t->pool[0];

	for (unsigned level = 0; level < 4; level++) {
		unsigned shift = 39 - 9 * level;
		uint64_t e = table[va >> shift & 511];

		*size = 1ull << shift;
		if (!(e & 1))
			return 0;
		if (level == 3 || !(e & 2)) {
			assert_true(level != 0 && (level != 3 || e & 2));
			/* The address has no bits below the block's size. */
			assert_int_equal(e & 0xfffffffff000 & (*size - 1), 0);
			return e;
		}
		uint64_t at = e & 0xfffffffff000;

		assert_true(at >= t->pool_at && at < t->pool_at + t->used * 4096ull);
		table = t->pool[(at - t->pool_at) / 4096];
	}
	return 0;
}

static bool maps_flat(const struct mmu_tables *t, uint64_t va)
{
	uint64_t size, e = walk(t, va, &size);

	return e && (e & 0xfffffffff000 & ~(size - 1)) == (va & ~(size - 1)) &&
	       (e & ~0xfffffffff002ull) == (t->leaf & ~0xfffffffff002ull);
}

static bool maps_nothing(const struct mmu_tables *t, uint64_t va)
{
	uint64_t size;

	return !walk(t, va, &size);
}

static void the_attributes_are_those_of_memory(void **state)
{
	(void)state;
	/* Valid, index 0, no EL0 access, inner shareable, accessed; EL2 alone has AP[1] as RES1. */
	assert_int_equal(mmu_leaf(false), 0x701);
	assert_int_equal(mmu_leaf(true), 0x741);
}

static void whole_pages_and_nothing_else(void **state)
{
	(void)state;
	static const struct range rows[] = {
		{0x1000, 0x2000},
		{0x40000123, 0x40000124},
		{2 * MIB, 4 * MIB},
		{2 * MIB - 0x1000, 4 * MIB + 0x1000},
		{GIB - 0x3000, GIB + 0x2001},
		{GIB, 3 * GIB},
		{3 * GIB / 2, 4 * GIB + 5 * MIB},
		{512 * GIB - 0x1000, 512 * GIB + 0x1000},
		{(1ull << 48) - 3 * MIB, 1ull << 48},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct mmu_tables t = fresh(MMU_TABLES, false);
		uint64_t start = align_down(rows[i].start, 4096);
		uint64_t end = align_up(rows[i].end, 4096);
		uint64_t middle = align_down(start + (end - start) / 2, 4096);

		assert_true(mmu_map(&t, rows[i].start, rows[i].end));
		assert_true(maps_flat(&t, start) && maps_flat(&t, middle));
		assert_true(maps_flat(&t, end - 1));
		assert_true(maps_nothing(&t, start - 1));
		if (end < 1ull << 48)
			assert_true(maps_nothing(&t, end));
	}
}

static void large_memory_takes_few_tables(void **state)
{
	(void)state;
	struct mmu_tables t = fresh(MMU_TABLES, true);

	assert_true(mmu_map(&t, GIB, 100 * GIB));
	assert_int_equal(t.used, 2);
	assert_true(mmu_map(&t, 100 * GIB, 100 * GIB + 64 * MIB));
	assert_int_equal(t.used, 3);
	assert_true(maps_flat(&t, 99 * GIB + 12345) && maps_flat(&t, 100 * GIB + 63 * MIB));
}

static void touching_and_overlapping_ranges_go_together(void **state)
{
	(void)state;
	struct mmu_tables t = fresh(MMU_TABLES, false);

	assert_true(mmu_map(&t, 0x40200000, 0x40200800));
	assert_true(mmu_map(&t, 0x40200800, 0x40600000));
	assert_true(mmu_map(&t, 0x40000000, 0x80000000));
	for (uint64_t at = 0x40000000; at < 0x80000000; at += 2 * MIB - 4096)
		assert_true(maps_flat(&t, at));
	assert_true(maps_nothing(&t, 0x3fffffff) && maps_nothing(&t, 0x80000000));
}

static void a_pool_that_is_too_small_is_said(void **state)
{
	(void)state;
	struct mmu_tables t = fresh(3, false);

	assert_false(mmu_map(&t, 0x1000, 0x2000)); /* needs four */
	t = fresh(4, false);
	assert_true(mmu_map(&t, 0x1000, 0x2000));
	assert_false(mmu_map(&t, 0x40000000, 0x40001000));
}

static void what_has_no_place_in_48_bits_is_refused(void **state)
{
	(void)state;
	struct mmu_tables t = fresh(MMU_TABLES, false);

	assert_false(mmu_map(&t, (1ull << 48) - 4096, (1ull << 48) + 1));
	assert_false(mmu_map(&t, UINT64_MAX - 4096, UINT64_MAX));
	assert_false(mmu_map(&t, 5, 4));
	assert_true(mmu_map(&t, 4, 4)); /* nothing to map */
}

/* A load: kernel, initrd, dtb, elfcorehdr and the purgatory at these places and with these sizes.
 */
static struct handoff load(const struct range *regions, unsigned n, struct range own)
{
	struct handoff h = {
		.nregions = n,
		.args = {[ARM64_ARG_IMAGE] = own.start, [ARM64_ARG_SIZE] = range_size(own)}};

	for (unsigned i = 0; i < n; i++) {
		h.regions[i].start = regions[i].start;
		h.regions[i].len = range_size(regions[i]);
	}
	return h;
}

/* All that the check reads, each on pages and in 2 MiB of its own, may lie anywhere. */
static void a_load_anywhere_has_tables_enough(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned round = 0; round < 2000; round++) {
		struct range r[4];
		uint64_t at = (uint64_t)(random() % 4096) * 256 * MIB + 2 * MIB;

		for (unsigned i = 0; i < 4; i++) {
			uint64_t len = i < 2 ? (uint64_t)random() % (300 * MIB) + 1
					     : (uint64_t)random() % MIB + 1;

			r[i] = (struct range){at, at + len};
			at = align_up(at + len, 4096) + 4096 * ((uint64_t)random() % 100000);
		}
		struct range own = {at, at + 0x1c000};
		struct handoff h = load(r, 4, own);
		struct mmu_tables t = fresh(MMU_TABLES, false);

		t.pool_at = own.start + 0x6000;
		assert_true(mmu_map_handoff(&t, &h));
		for (unsigned i = 0; i < 4; i++)
			assert_true(maps_flat(&t, r[i].start) && maps_flat(&t, r[i].end - 1));
		assert_true(maps_flat(&t, own.start) && maps_flat(&t, own.end - 1));
		assert_true(maps_nothing(&t, own.end + 4096));
	}
}

static void a_load_that_makes_no_sense_has_no_map(void **state)
{
	(void)state;
	struct range r = {0x40000000, 0x40001000};
	struct handoff h = load(&r, 1, (struct range){0, 0});
	struct mmu_tables t = fresh(MMU_TABLES, false);

	assert_false(mmu_map_handoff(&t, &h));
	h = load(&r, 1, (struct range){0x48000000, 0x4801c000});
	h.regions[0].len = UINT64_MAX;
	assert_false(mmu_map_handoff(&t, &h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_attributes_are_those_of_memory),
		cmocka_unit_test(whole_pages_and_nothing_else),
		cmocka_unit_test(large_memory_takes_few_tables),
		cmocka_unit_test(touching_and_overlapping_ranges_go_together),
		cmocka_unit_test(a_pool_that_is_too_small_is_said),
		cmocka_unit_test(what_has_no_place_in_48_bits_is_refused),
		cmocka_unit_test(a_load_anywhere_has_tables_enough),
		cmocka_unit_test(a_load_that_makes_no_sense_has_no_map),
	};

	return cmocka_run_group_tests_name("arm64 mmu", tests, NULL, NULL);
}
