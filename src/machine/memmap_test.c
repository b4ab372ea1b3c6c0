/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "machine/memmap.h"

static struct span text(const char *s)
{
	return span_of(s, strlen(s));
}

static int add(struct mem_map *map, const char *start, const char *end, const char *type)
{
	struct err err = ERR_INIT;

	return memmap_add(map, text(start), text(end), text(type), &err);
}

static void strings_of_the_kernel(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum mem_kind kind;
		uint32_t e820;
	} table[] = {
		{"System RAM", MEM_RAM, 1},
		{"Reserved", MEM_RESERVED, 2},
		{"ACPI Tables", MEM_ACPI, 3},
		{"ACPI Non-volatile Storage", MEM_NVS, 4},
		{"Unusable memory", MEM_UNUSABLE, 5},
		{"Persistent Memory", MEM_PMEM, 7},
		{"Persistent Memory (legacy)", MEM_PRAM, 12},
		{"Soft Reserved", MEM_SOFT_RESERVED, 0xefffffff},
	};
	enum mem_kind kind;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_true(memmap_kind(text(table[i].name), &kind));
		assert_int_equal(kind, table[i].kind);
		assert_string_equal(memmap_name(kind), table[i].name);
		assert_int_equal(memmap_to_e820(kind), table[i].e820);
		assert_int_equal(memmap_from_e820(table[i].e820), kind);
	}
	assert_true(memmap_kind(text("reserved"), &kind));
	assert_int_equal(kind, MEM_RESERVED);
	assert_true(memmap_kind(text("Unknown E820 type"), &kind));
	assert_int_equal(kind, MEM_RESERVED);
	assert_false(memmap_kind(text("PCI Bus 0000:00"), &kind));
	assert_int_equal(memmap_from_e820(99), MEM_RESERVED);
}

static void entries_are_checked(void **state)
{
	(void)state;
	struct mem_map map = {0};

	assert_int_equal(add(&map, "0x0\n", "0x9fbff\n", "System RAM\n"), 0);
	assert_int_equal(map.v[0].at.end, 0x9fc00);
	assert_int_equal(map.v[0].kind, MEM_RAM);
	assert_int_equal(add(&map, "0x1000", "0xffffffffffffffff", "?"), 0);
	assert_int_equal(map.v[1].kind, MEM_RESERVED);
	assert_true(map.v[1].at.end == UINT64_MAX);
	assert_int_equal(add(&map, "", "0x1", "Reserved"), -EBADMSG);
	assert_int_equal(add(&map, "0x2", "0x1", "Reserved"), -EBADMSG);
	assert_int_equal(add(&map, "-1", "0x1", "Reserved"), -EBADMSG);
	assert_int_equal(map.n, 2);
	vec_done(&map);
}

static void overlaps_are_resolved(void **state)
{
	(void)state;
	struct mem_map map = {0};
	struct err err = ERR_INIT;
	static const struct mem_range want[] = {
		{{0, 0x400}, MEM_RAM},          {{0x400, 0x800}, MEM_RESERVED},
		{{0x800, 0xa00}, MEM_RAM},      {{0xa00, 0xb00}, MEM_NVS},
		{{0xb00, 0xc00}, MEM_UNUSABLE}, {{0xc00, 0x2000}, MEM_RAM},
		{{0x3000, 0x4000}, MEM_RAM},
	};

	/* Unsorted, touching, overlapping, twice the same. */
	assert_int_equal(add(&map, "0x3000", "0x3fff", "System RAM"), 0);
	assert_int_equal(add(&map, "0x1000", "0x1fff", "System RAM"), 0);
	assert_int_equal(add(&map, "0x0", "0xfff", "System RAM"), 0);
	assert_int_equal(add(&map, "0x0", "0xfff", "System RAM"), 0);
	assert_int_equal(add(&map, "0x400", "0x7ff", "Reserved"), 0);
	assert_int_equal(add(&map, "0xa00", "0xbff", "ACPI Non-volatile Storage"), 0);
	assert_int_equal(add(&map, "0xb00", "0xbff", "Unusable memory"), 0);
	assert_int_equal(memmap_settle(&map, &err), 0);
	assert_int_equal(map.n, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < map.n; i++) {
		assert_int_equal(map.v[i].at.start, want[i].at.start);
		assert_int_equal(map.v[i].at.end, want[i].at.end);
		assert_int_equal(map.v[i].kind, want[i].kind);
	}
	vec_done(&map);
	assert_int_equal(memmap_settle(&map, &err), 0);
	assert_int_equal(map.n, 0);
	vec_done(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_of_the_kernel),
		cmocka_unit_test(entries_are_checked),
		cmocka_unit_test(overlaps_are_resolved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
