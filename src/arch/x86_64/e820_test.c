/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "arch/x86_64/e820.h"

/* "start end kind" in a readable form: a map of a small PC. */
static struct mem_range pc[] = {
	{{0, 0x9fc00}, MEM_RAM},
	{{0x9fc00, 0xa0000}, MEM_RESERVED},
	{{0xf0000, 0x100000}, MEM_RESERVED},
	{{0x100000, 0x3ff00000}, MEM_RAM},
	{{0x3ff00000, 0x3ff10000}, MEM_ACPI},
	{{0x3ff10000, 0x40000000}, MEM_NVS},
	{{0xfffc0000, 0x100000000}, MEM_RESERVED},
	{{0x100000000, 0x140000000}, MEM_RAM},
};

enum { PC = sizeof(pc) / sizeof(*pc) };

static const struct machine machine = {.firmware = {pc, PC, PC}};

static void expect(const struct mem_map *got, const struct mem_range *want, size_t n)
{
	assert_int_equal(got->n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(got->v[i].at.start, want[i].at.start);
		assert_int_equal(got->v[i].at.end, want[i].at.end);
		assert_int_equal(got->v[i].kind, want[i].kind);
	}
}

static void jump_keeps_the_map(void **state)
{
	(void)state;
	struct range_list none = {0};
	struct mem_map out = {0};

	assert_int_equal(e820_jump(&machine, &none, &out, NULL), 0);
	expect(&out, pc, PC);
	vec_done(&out);
}

static void jump_marks_avoided_ram(void **state)
{
	(void)state;
	/* in the middle of RAM; across RAM, ACPI, NVS and a hole; at the start of RAM */
	struct range avoid[] = {
		{0x200000, 0x201000},
		{0x3fe00000, 0x50000000},
		{0xf0000000, 0x100001000},
	};
	struct range_list l = {avoid, 3, 3};
	static const struct mem_range want[] = {
		{{0, 0x9fc00}, MEM_RAM},
		{{0x9fc00, 0xa0000}, MEM_RESERVED},
		{{0xf0000, 0x100000}, MEM_RESERVED},
		{{0x100000, 0x200000}, MEM_RAM},
		{{0x200000, 0x201000}, MEM_UNUSABLE},
		{{0x201000, 0x3fe00000}, MEM_RAM},
		{{0x3fe00000, 0x3ff00000}, MEM_UNUSABLE},
		{{0x3ff00000, 0x3ff10000}, MEM_ACPI},
		{{0x3ff10000, 0x40000000}, MEM_NVS},
		{{0xfffc0000, 0x100000000}, MEM_RESERVED},
		{{0x100000000, 0x100001000}, MEM_UNUSABLE},
		{{0x100001000, 0x140000000}, MEM_RAM},
	};
	struct mem_map out = {0};

	assert_int_equal(e820_jump(&machine, &l, &out, NULL), 0);
	expect(&out, want, sizeof(want) / sizeof(*want));
	vec_done(&out);
}

static void any_number_of_ranges(void **state)
{
	(void)state;
	enum { N = 3000 };
	struct range_list none = {0};
	struct machine m = {0};
	struct mem_map out = {0};

	for (uint64_t i = 1; i <= N; i++)
		assert_int_equal(
			vec_push(&m.firmware,
				 ((struct mem_range){{i << 20, (i << 20) + 4096}, MEM_RAM})),
			0);
	assert_int_equal(e820_jump(&m, &none, &out, NULL), 0);
	assert_int_equal(out.n, N);
	assert_true(out.v[N - 1].at.start == (uint64_t)N << 20);
	vec_done(&out);
	vec_done(&m.firmware);
}

static void unusable_neighbours_merge(void **state)
{
	(void)state;
	struct mem_range map[] = {
		{{0x1000, 0x3000}, MEM_RAM},
		{{0x3000, 0x4000}, MEM_UNUSABLE},
		{{0x4000, 0x6000}, MEM_RAM},
	};
	struct machine m = {.firmware = {map, 3, 3}};
	struct range avoid = {0x2000, 0x5000};
	struct range_list l = {&avoid, 1, 1};
	static const struct mem_range want[] = {
		{{0x1000, 0x2000}, MEM_RAM},
		{{0x2000, 0x5000}, MEM_UNUSABLE},
		{{0x5000, 0x6000}, MEM_RAM},
	};
	struct mem_map out = {0};

	assert_int_equal(e820_jump(&m, &l, &out, NULL), 0);
	expect(&out, want, 3);
	vec_done(&out);
}

static void crash_sees_its_own_memory_only(void **state)
{
	(void)state;
	/* the crash region less the header at its end; a second one; one that is no RAM at all */
	struct range own[] = {
		{0x30000000, 0x33fff000},
		{0x80000000, 0x81000000},
		{0x13f000000, 0x150000000},
	};
	struct range avoid[] = {{0x5000, 0x6000}, {0x30000000, 0x30001000}, {0x700000, 0x701000}};
	struct range_list o = {own, 3, 3}, a = {avoid, 3, 3};
	static const struct mem_range want[] = {
		{{0x1000, 0x5000}, MEM_RAM},
		{{0x5000, 0x6000}, MEM_UNUSABLE},
		{{0x6000, 0x9fc00}, MEM_RAM},
		{{0x9fc00, 0xa0000}, MEM_RESERVED},
		{{0xf0000, 0x100000}, MEM_RESERVED},
		{{0x700000, 0x701000}, MEM_UNUSABLE},
		{{0x30000000, 0x30001000}, MEM_UNUSABLE},
		{{0x30001000, 0x33fff000}, MEM_RAM},
		{{0x3ff00000, 0x3ff10000}, MEM_ACPI},
		{{0x3ff10000, 0x40000000}, MEM_NVS},
		{{0xfffc0000, 0x100000000}, MEM_RESERVED},
		{{0x13f000000, 0x140000000}, MEM_RAM},
	};
	struct range sorted[] = {avoid[0], avoid[2], avoid[1]};
	struct mem_map out = {0};

	a.v = sorted;
	assert_int_equal(e820_crash(&machine, &o, &a, &out, NULL), 0);
	expect(&out, want, sizeof(want) / sizeof(*want));
	vec_done(&out);
}

static void entries_are_as_acpi_says(void **state)
{
	(void)state;
	static const struct {
		enum mem_kind kind;
		uint8_t type[4];
	} t[] = {
		{MEM_RAM, {1}},      {MEM_RESERVED, {2}},
		{MEM_ACPI, {3}},     {MEM_NVS, {4}},
		{MEM_UNUSABLE, {5}}, {MEM_PMEM, {7}},
		{MEM_PRAM, {12}},    {MEM_SOFT_RESERVED, {0xff, 0xff, 0xff, 0xef}},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct mem_range r = {{0x1234567890, 0x1234569890}, t[i].kind};
		uint8_t want[20] = {0x90, 0x78, 0x56, 0x34, 0x12, 0, 0, 0, 0x00, 0x20}, got[20];

		memcpy(want + 16, t[i].type, 4);
		e820_put(got, &r);
		assert_memory_equal(got, want, 20);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jump_keeps_the_map),
		cmocka_unit_test(jump_marks_avoided_ram),
		cmocka_unit_test(any_number_of_ranges),
		cmocka_unit_test(unusable_neighbours_merge),
		cmocka_unit_test(crash_sees_its_own_memory_only),
		cmocka_unit_test(entries_are_as_acpi_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
