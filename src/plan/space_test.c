/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "plan/human.h"
#include "plan/space_oracle.h"

#define ALL                                                                                        \
	{                                                                                          \
		0, UINT64_MAX                                                                      \
	}
#define LIST(...)                                                                                  \
	(struct range_list)                                                                        \
	{                                                                                          \
		(struct range[]){__VA_ARGS__},                                                     \
			sizeof((struct range[]){__VA_ARGS__}) / sizeof(struct range), 0            \
	}

struct piece {
	uint64_t size, align;
	struct range within;
	enum place_dir dir;
	uint64_t preferred; /* 0 = none */
	bool fixed;
	uint64_t at; /* expected */
};

struct example {
	const char *name;
	struct range holes[3];
	struct piece p[4];
	int r;
};

static void run(const struct example *e)
{
	static const char *const names[] = {"one", "two", "three", "four"};
	struct range holes[3];
	struct range_list list = {holes, 0, 3};
	struct place p[4] = {0};
	struct err err = ERR_INIT;
	size_t n = 0;
	int r;

	for (; list.n < 3 && e->holes[list.n].end; list.n++)
		holes[list.n] = e->holes[list.n];

	for (; n < 4 && e->p[n].size; n++)
		p[n] = (struct place){.what = names[n],
				      .size = e->p[n].size,
				      .align = e->p[n].align,
				      .within = e->p[n].within,
				      .dir = e->p[n].dir,
				      .prefer = e->p[n].preferred && !e->p[n].fixed,
				      .fixed = e->p[n].fixed,
				      .preferred = e->p[n].preferred};
	r = space_place(&list, p, n, NULL, &err);
	if (r != e->r)
		print_error("%s: %d, %s\n", e->name, r, err.text);
	assert_int_equal(r, e->r);
	for (size_t i = 0; i < n && !r; i++) {
		if (p[i].at != e->p[i].at)
			print_error("%s: %s at 0x%llx (%s)\n", e->name, names[i],
				    (unsigned long long)p[i].at, p[i].reason);
		assert_int_equal(p[i].at, e->p[i].at);
	}
}

static const struct example examples[] = {
	{"lowest, hole starts off a page",
	 {{0x1c00, 0x9000}},
	 {{0x2000, 0x1000, ALL, PLACE_LOWEST, .at = 0x2000}},
	 0},
	{"highest, hole ends off a page",
	 {{0x1000, 0x9fc00}},
	 {{0x2000, 0x1000, ALL, PLACE_HIGHEST, .at = 0x9d000}},
	 0},
	{"sizes are whole pages", {{0x1000, 0x4000}}, {{0x800, 0x1000, ALL}}, -EINVAL},
	{"limits cut a hole",
	 {{0, 0x10000}},
	 {{0x1000, 0x1000, {0x3000, 0x8000}, PLACE_HIGHEST, .at = 0x7000},
	  {0x1000, 0x1000, {0x3000, 0x8000}, PLACE_LOWEST, .at = 0x3000}},
	 0},
	{"highest skips what is placed",
	 {{0x1000, 0x5000}, {0x8000, 0xa000}},
	 {{0x2000, 0x1000, ALL, PLACE_HIGHEST, .at = 0x8000},
	  {0x1000, 0x1000, ALL, PLACE_HIGHEST, .at = 0x4000}},
	 0},
	{"preferred wins, then the direction",
	 {{0x1000, 0x20000}},
	 {{0x2000, 0x1000, ALL, PLACE_LOWEST, .preferred = 0x8000, .at = 0x8000},
	  {0x2000, 0x1000, ALL, PLACE_LOWEST, .preferred = 0x9000, .at = 0x1000}},
	 0},
	{"fixed goes first, whatever the order",
	 {{0x1000, 0x4000}},
	 {{0x2000, 0x1000, ALL, PLACE_LOWEST, .at = 0x1000},
	  {0x1000, 0x1000, ALL, PLACE_LOWEST, .preferred = 0x3000, .fixed = true, .at = 0x3000}},
	 0},
	{"first choices fail, another arrangement fits",
	 {{0x1000, 0x2000}, {0x4000, 0x6000}},
	 {{0x1000, 0x1000, ALL, PLACE_HIGHEST, .at = 0x1000},
	  {0x2000, 0x1000, ALL, PLACE_LOWEST, .at = 0x4000}},
	 0},
	{"two alike, and the search must place both",
	 {{0x1000, 0x2000}, {0x4000, 0x8000}},
	 {{0x1000, 0x1000, ALL, PLACE_HIGHEST, .at = 0x1000},
	  {0x2000, 0x1000, ALL, PLACE_LOWEST, .at = 0x4000},
	  {0x2000, 0x1000, ALL, PLACE_LOWEST, .at = 0x6000}},
	 0},
	{"alignment alone forbids it",
	 {{0x1000, 0x4000}},
	 {{0x2000, 0x4000, ALL, PLACE_LOWEST}},
	 -ENOSPC},
	{"two fit alone, not together",
	 {{0x1000, 0x4000}},
	 {{0x2000, 0x1000, ALL}, {0x2000, 0x1000, ALL}},
	 -ENOSPC},
	{"a hole at the top of the space",
	 {{UINT64_MAX - 0x2fff, UINT64_MAX}},
	 {{0x1000, 0x1000, ALL, PLACE_HIGHEST, .at = UINT64_MAX - 0x1fff}},
	 0},
	{"larger than the space",
	 {{0, UINT64_MAX}},
	 {{UINT64_MAX - 0x1fff, 0x1000, ALL, PLACE_LOWEST}, {0x2000, 0x1000, ALL, PLACE_LOWEST}},
	 -ENOSPC},
	{"no holes", {{0, 0}}, {{0x1000, 0x1000, ALL}}, -ENOSPC},
	{"limits that leave nothing",
	 {{0, 0x10000}},
	 {{0x1000, 0x1000, {0x2000, 0x1000}}},
	 -ENOSPC},
	{"fixed in no memory",
	 {{0, 0x10000}},
	 {{0x2000, 0x1000, ALL, .preferred = 0xf000, .fixed = true}},
	 -ENOSPC},
	{"fixed off its alignment",
	 {{0, 0x10000}},
	 {{0x2000, 0x2000, ALL, .preferred = 0x1000, .fixed = true}},
	 -EINVAL},
	{"alignment no power of two", {{0, 0x10000}}, {{0x1000, 0x3000, ALL}}, -EINVAL},
	{"alignment below a page", {{0, 0x10000}}, {{0x1000, 0x800, ALL}}, -EINVAL},
};

static void table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		run(&examples[i]);
}

/* Random small memories: a placement is found exactly where one exists, and it is legal. */
static void agrees_with_brute_force(void **state)
{
	(void)state;
	unsigned found = 0, refused = 0, tight = 0;
	uint64_t seed = 20;

	for (unsigned round = 0; round < 4000; round++) {
		struct range holes[ORACLE_PAGES];
		struct range_list list = {.v = holes};
		struct place p[5] = {0};
		size_t n = 1 + round % 5;
		uint64_t at = 0;

		for (;;) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			at += (seed >> 33) % 5 * 0x1000 + 0x1000;
			uint64_t end = at + ((seed >> 40) % 8 + 1) * 0x1000;
			if (end > ORACLE_PAGES * 0x1000)
				break;
			holes[list.n++] = (struct range){at, end};
			at = end;
		}
		for (size_t i = 0; i < n; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			uint64_t low = (seed >> 30) % 8 * 0x1000;
			p[i] = (struct place){.what = "piece",
					      .size = ((seed >> 33) % 6 + 1) * 0x1000,
					      .align = 0x1000u << (seed >> 60) % 3,
					      .within = {low, low + (seed >> 50) % 32 * 0x1000},
					      .dir = seed >> 63 ? PLACE_LOWEST : PLACE_HIGHEST};
		}
		uint32_t map = oracle_free(&list);
		int r = space_place(&list, p, n, NULL, NULL);

		assert_true(r == 0 || r == -ENOSPC);
		assert_int_equal(r == 0, oracle_fits(map, p, n));
		if (!r)
			assert_null(oracle_legal(map, p, n));
		found += !r;
		refused += r != 0;
		tight += !r && strstr(p[0].reason, "tight") != NULL;
	}
	/* The numbers mean that the run tried all three cases, the complete search too. */
	assert_true(found > 500 && refused > 500 && tight > 30);
}

static void refusal_says_what_and_where(void **state)
{
	(void)state;
	struct range_list holes = LIST({0x1000, 0x9fc00}, {0x100000, 0x300000});
	struct place p[] = {
		{.what = "kernel", .size = 0x100000, .align = 0x1000, .within = ALL},
		{.what = "initrd",
		 .size = 0x300000,
		 .align = 0x1000,
		 .within = {0x100000, 0x38000000},
		 .why = "initrd_addr_max"},
	};
	struct err err = ERR_INIT;

	assert_int_equal(space_place(&holes, p, 2, NULL, &err), -ENOSPC);
	assert_string_equal(
		err.text,
		"no place for initrd: it needs 3 MiB (0x300000), 4 KiB-aligned, in "
		"0x100000-0x37ffffff (initrd_addr_max); the largest hole there is 2 MiB at "
		"0x100000");
	assert_int_equal(p[0].at, 0); /* nothing is written on failure */
	p[1].size = 0x180000;
	assert_int_equal(space_place(&holes, p, 2, NULL, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "no place for initrd: it needs 1.50 MiB"));
	assert_non_null(strstr(err.text, "the largest hole there is 1 MiB at 0x200000 beside the "
					 "other pieces, and no other arrangement holds all"));
	p[1] = (struct place){.what = "initrd",
			      .size = 0x1000,
			      .align = 0x1000,
			      .within = ALL,
			      .fixed = true,
			      .preferred = 0xa0000};
	assert_int_equal(space_place(&holes, p, 2, NULL, &err), -ENOSPC);
	assert_non_null(
		strstr(err.text, "no place for initrd at 0xa0000: that is not usable memory"));
}

static void reasons_name_the_limit(void **state)
{
	(void)state;
	struct range_list holes = LIST({0x100000, 0x40000000});
	struct place p[] = {
		{.what = "kernel",
		 .size = 0x3000000,
		 .align = 0x200000,
		 .within = {0x1000000, UINT64_MAX},
		 .why = "pref_address",
		 .prefer = true,
		 .preferred = 0x1000000},
		{.what = "initrd",
		 .size = 0x1000,
		 .align = 0x1000,
		 .within = {0, 0x38000000},
		 .why = "initrd_addr_max",
		 .dir = PLACE_HIGHEST},
		{.what = "params",
		 .size = 0x1000,
		 .align = 0x1000,
		 .within = ALL,
		 .prefer = true,
		 .preferred = 0x2000000},
	};

	assert_int_equal(space_place(&holes, p, 3, NULL, NULL), 0);
	assert_string_equal(p[0].reason, "its preferred address 0x1000000 is free");
	assert_string_equal(p[1].reason,
			    "highest 4 KiB-aligned hole up to 0x37ffffff (initrd_addr_max)");
	assert_string_equal(p[2].reason, "0x2000000 is taken by kernel; lowest 4 KiB-aligned hole");
}

static size_t lines_in(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->ptr[i] == '\n';
	return n;
}

/* 100,000 holes of a page each: 20 lines of explanation, then a count. */
static void explanation_is_bounded(void **state)
{
	(void)state;
	enum { HOLES = 100000 };
	struct range *v = calloc(HOLES, sizeof(*v));
	struct range_list holes = {v, HOLES, HOLES};
	struct place p[] = {{.what = "kernel", .size = 0x2000, .align = 0x1000, .within = ALL},
			    {.what = "initrd", .size = 0x1000, .align = 0x1000, .within = ALL}};
	struct buf explain = BUF_INIT;

	assert_non_null(v);
	for (uint64_t i = 0; i < HOLES; i++)
		v[i] = (struct range){i * 0x2000, i * 0x2000 + 0x1000};
	v[HOLES - 1].end += 0x1000;
	assert_int_equal(space_place(&holes, p, 2, &explain, NULL), 0);
	assert_int_equal(p[0].at, (HOLES - 1) * UINT64_C(0x2000));
	assert_int_equal(lines_in(&explain), 21);
	assert_non_null(
		strstr(buf_str(&explain), "kernel: hole 0x0-0xfff is too small (needs 0x2000)\n"));
	assert_non_null(
		strstr(buf_str(&explain), "kernel: 99979 more holes were too small or taken\n"));
	buf_done(&explain);
	free(v);
}

/* A tight fit is explained once: by the first tries, and by one line about the search. */
static void explanation_tells_of_the_search(void **state)
{
	(void)state;
	struct range_list holes = LIST({0x1000, 0x2000}, {0x4000, 0x6000});
	struct place p[] = {{.what = "params",
			     .size = 0x1000,
			     .align = 0x1000,
			     .within = ALL,
			     .dir = PLACE_HIGHEST},
			    {.what = "initrd", .size = 0x2000, .align = 0x1000, .within = ALL}};
	struct buf explain = BUF_INIT;

	assert_int_equal(space_place(&holes, p, 2, &explain, NULL), 0);
	assert_string_equal(
		buf_str(&explain),
		"initrd: hole 0x1000-0x1fff is too small (needs 0x2000)\n"
		"initrd: hole 0x4000-0x5fff has no room beside params (needs 0x2000)\n"
		"initrd: no room left beside the others; all arrangements were searched, "
		"and one holds all pieces\n");
	assert_string_equal(p[1].reason, "lowest 4 KiB-aligned hole beside all others (tight fit)");
	buf_done(&explain);
}

/* 16 pieces, no two alike, and no room for the last: the whole of 2^16 sets is searched. */
static void worst_case_ends(void **state)
{
	(void)state;
	struct range holes[16];
	struct range_list list = {holes, 16, 16};
	struct place p[17] = {0};
	struct err err = ERR_INIT;

	for (uint64_t i = 0; i < 16; i++) {
		holes[i] = (struct range){i * 0x100000, i * 0x100000 + (i + 1) * 0x1000};
		p[i] = (struct place){.what = "piece",
				      .size = (i + 1) * 0x1000,
				      .align = 0x1000,
				      .within = {0, 0x10000000 + i * 0x1000},
				      .dir = PLACE_HIGHEST};
	}
	assert_int_equal(space_place(&list, p, 16, NULL, NULL), 0);
	holes[0].end -= 0x400;
	assert_int_equal(space_place(&list, p, 16, NULL, NULL), -ENOSPC);
	p[16] = p[0];
	assert_int_equal(space_place(&list, p, 17, NULL, &err), -EINVAL);
}

static void human_sizes(void **state)
{
	(void)state;
	static const struct {
		uint64_t bytes;
		const char *text;
	} t[] = {{0, "0 B"},
		 {1023, "1023 B"},
		 {4096, "4 KiB"},
		 {0x9fc00, "639 KiB"},
		 {1000000, "977 KiB"},
		 {0x3378000, "51.5 MiB"},
		 {UINT64_C(24) << 30, "24 GiB"},
		 {UINT64_MAX, "16.0 EiB"}};
	char out[HUMAN_LEN];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_string_equal(human_size(out, t[i].bytes), t[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(agrees_with_brute_force),
		cmocka_unit_test(refusal_says_what_and_where),
		cmocka_unit_test(reasons_name_the_limit),
		cmocka_unit_test(explanation_is_bounded),
		cmocka_unit_test(explanation_tells_of_the_search),
		cmocka_unit_test(worst_case_ends),
		cmocka_unit_test(human_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
