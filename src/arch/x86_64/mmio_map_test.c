/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables in this process's memory: its addresses pass for physical ones. */
#include "core/unit.h"

#include <string.h>
#include <sys/mman.h>

#include "arch/x86_64/mmio_map.h"

enum { ROOT, PDPT, PD, PT, SPARE, TABLES };

static uint64_t (*tables)[MMIO_MAP_ENTRIES];

/* Below 64 TiB, as all that kexec touches. */
static int allocate(void **state)
{
	(void)state;
	tables = mmap((void *)(uintptr_t)0x60000000, TABLES * sizeof(*tables),
		      PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return tables == MAP_FAILED || (uint64_t)(uintptr_t)tables >> 46;
}

/* 4-level tables that map 2 MiB at 0 and 4 KiB at 1 GiB, as themselves. */
static struct mmio_tables fresh(bool huge)
{
	memset(tables, 0, TABLES * sizeof(*tables));
	tables[ROOT][0] = (uintptr_t)tables[PDPT] | 3;
	tables[PDPT][0] = (uintptr_t)tables[PD] | 3;
	tables[PD][0] = 0 | 0x83;
	tables[PD][1] = (uintptr_t)tables[PT] | 3 | UINT64_C(1) << 47; /* memory encryption */
	tables[PT][0] = 0x200000 | 3;
	return (struct mmio_tables){
		.root = tables[ROOT], .levels = 4, .huge = huge, .spare = tables[SPARE]};
}

static void what_is_mapped_is_left_alone(void **state)
{
	(void)state;
	struct mmio_tables t = fresh(true);
	uint64_t before[TABLES][MMIO_MAP_ENTRIES];

	memcpy(before, tables, sizeof(before));
	assert_true(mmio_map(&t, 0x1ff3f8));
	assert_true(mmio_map(&t, 0x200123));
	assert_memory_equal(before, tables, sizeof(before));
	tables[PT][0] = 0x300000 | 3;
	assert_false(mmio_map(&t, 0x200123));
}

static void an_empty_entry_takes_the_largest_page(void **state)
{
	(void)state;
	struct mmio_tables t = fresh(true);

	assert_true(mmio_map(&t, 0x201000));
	assert_int_equal(tables[PT][1], 0x201000 | 0x1b);
	assert_true(mmio_map(&t, 0x512345));
	assert_int_equal(tables[PD][2], 0x400000 | 0x9b);
	assert_true(mmio_map(&t, 0xfe034000));
	assert_int_equal(tables[PDPT][3], 0xc0000000 | 0x9b);
	/* Above 512 GiB a table is missing. */
	assert_true(mmio_map(&t, UINT64_C(0x8012345678)));
	assert_int_equal(tables[ROOT][1], (uintptr_t)tables[SPARE] | 3);
	assert_int_equal(tables[SPARE][0], UINT64_C(0x8000000000) | 0x9b);
}

static void without_huge_pages_the_spare_table_serves_once(void **state)
{
	(void)state;
	struct mmio_tables t = fresh(false);

	assert_true(mmio_map(&t, 0xfe034000));
	assert_int_equal(tables[PDPT][3], (uintptr_t)tables[SPARE] | 3);
	assert_int_equal(tables[SPARE][0x1f0], 0xfe000000 | 0x9b);
	assert_true(mmio_map(&t, 0xfe035000));
	t = fresh(false);
	assert_false(mmio_map(&t, UINT64_C(0x8012345678)));
	t = fresh(false);
	t.spare = NULL;
	assert_false(mmio_map(&t, 0xfe034000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_mapped_is_left_alone),
		cmocka_unit_test(an_empty_entry_takes_the_largest_page),
		cmocka_unit_test(without_huge_pages_the_spare_table_serves_once),
	};

	return cmocka_run_group_tests_name("mmio map", tests, allocate, NULL);
}
