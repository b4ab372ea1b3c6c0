/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include "machine/ranges.h"

#define TOP UINT64_MAX
#define MAX 6

/* Lists in the tables end at the first {0, 0}. */
static void fill(struct range_list *l, const struct range *rows)
{
	for (size_t i = 0; i < MAX && (rows[i].start || rows[i].end); i++)
		assert_int_equal(ranges_add(l, rows[i]), 0);
}

static void check(size_t row, const struct range_list *got, const struct range *want)
{
	size_t n = 0;

	while (n < MAX && (want[n].start || want[n].end))
		n++;
	if (got->n != n)
		fail_msg("row %zu: %zu ranges, want %zu", row, got->n, n);
	for (size_t i = 0; i < n; i++)
		if (got->v[i].start != want[i].start || got->v[i].end != want[i].end)
			fail_msg("row %zu: range %zu is %llx-%llx", row, i,
				 (unsigned long long)got->v[i].start,
				 (unsigned long long)got->v[i].end);
}

static void normalise_sorts_and_merges(void **state)
{
	(void)state;
	static const struct {
		struct range in[MAX], want[MAX];
	} table[] = {
		{{{0}}, {{0}}},
		{{{5, 9}, {1, 3}}, {{1, 3}, {5, 9}}},
		{{{1, 3}, {3, 9}}, {{1, 9}}},           /* touching */
		{{{1, 9}, {2, 4}}, {{1, 9}}},           /* inside */
		{{{1, 4}, {3, 9}, {9, 10}}, {{1, 10}}}, /* a chain */
		{{{7, 7}, {9, 2}, {1, 2}}, {{1, 2}}},   /* empties */
		{{{2, 4}, {2, 4}}, {{2, 4}}},
		{{{TOP - 1, TOP}, {0, 1}}, {{0, 1}, {TOP - 1, TOP}}},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct range_list l = {0};

		fill(&l, table[i].in);
		ranges_normalise(&l);
		check(i, &l, table[i].want);
		ranges_done(&l);
	}
}

typedef int op(struct range_list *out, const struct range_list *a, const struct range_list *b);

struct binary_row {
	struct range a[MAX], b[MAX], want[MAX];
};

static void run_binary(op *fn, const struct binary_row *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct range_list a = {0}, b = {0}, out = {0};

		fill(&a, table[i].a);
		fill(&b, table[i].b);
		/* What was there before must go away. */
		assert_int_equal(ranges_add(&out, (struct range){77, 78}), 0);
		assert_int_equal(fn(&out, &a, &b), 0);
		check(i, &out, table[i].want);
		ranges_done(&a);
		ranges_done(&b);
		ranges_done(&out);
	}
}

static void subtract_cuts(void **state)
{
	(void)state;
	static const struct binary_row table[] = {
		{{{1, 9}}, {{0}}, {{1, 9}}},
		{{{0}}, {{1, 9}}, {{0}}},
		{{{1, 9}}, {{3, 5}}, {{1, 3}, {5, 9}}},
		{{{1, 9}}, {{1, 5}}, {{5, 9}}},
		{{{1, 9}}, {{5, 9}}, {{1, 5}}},
		{{{1, 9}}, {{1, 9}}, {{0}}},
		{{{2, 9}}, {{1, 12}}, {{0}}},
		{{{1, 9}}, {{9, 12}}, {{1, 9}}},
		{{{5, 9}}, {{1, 5}}, {{5, 9}}},
		{{{1, 9}, {20, 30}}, {{5, 25}}, {{1, 5}, {25, 30}}}, /* one hole over two */
		{{{1, 9}, {20, 30}},
		 {{2, 3}, {4, 5}, {29, 40}},
		 {{1, 2}, {3, 4}, {5, 9}, {20, 29}}},
		{{{1, TOP}}, {{2, TOP}}, {{1, 2}}},
	};

	run_binary(ranges_subtract, table, sizeof(table) / sizeof(table[0]));
}

static void meet_keeps_what_both_have(void **state)
{
	(void)state;
	static const struct binary_row table[] = {
		{{{1, 9}}, {{0}}, {{0}}},
		{{{1, 9}}, {{9, 12}}, {{0}}},
		{{{1, 9}}, {{3, 5}, {7, 20}}, {{3, 5}, {7, 9}}},
		{{{1, 4}, {6, 9}}, {{0, 20}}, {{1, 4}, {6, 9}}},
		{{{1, 9}}, {{1, 9}}, {{1, 9}}},
	};

	run_binary(ranges_meet, table, sizeof(table) / sizeof(table[0]));
}

static void exclude_works_in_place(void **state)
{
	(void)state;
	static const struct {
		struct range in[MAX];
		struct range hole;
		struct range want[MAX];
	} table[] = {
		{{{1, 9}}, {3, 5}, {{1, 3}, {5, 9}}},
		{{{1, 9}}, {5, 3}, {{1, 9}}},
		{{{1, 9}, {12, 20}, {30, 40}}, {5, 35}, {{1, 5}, {35, 40}}},
		{{{1, 9}, {12, 20}, {30, 40}}, {13, 14}, {{1, 9}, {12, 13}, {14, 20}, {30, 40}}},
		{{{1, 9}, {12, 20}}, {0, 100}, {{0}}},
		{{{1, 9}, {12, 20}}, {9, 12}, {{1, 9}, {12, 20}}},
		{{{1, 9}, {12, 20}}, {12, 20}, {{1, 9}}},
		{{{1, 9}}, {20, 30}, {{1, 9}}},
		{{{0}}, {1, 2}, {{0}}},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct range_list l = {0};

		fill(&l, table[i].in);
		assert_int_equal(ranges_exclude(&l, table[i].hole), 0);
		check(i, &l, table[i].want);
		ranges_done(&l);
	}
}

/* A split needs room for one more: the list is exactly full before. */
static void exclude_makes_room(void **state)
{
	(void)state;
	struct range_list l = {0};

	do
		assert_int_equal(ranges_add(&l, (struct range){l.n * 10, l.n * 10 + 5}), 0);
	while (l.n < l.cap);
	size_t n = l.n;

	assert_int_equal(ranges_exclude(&l, (struct range){12, 13}), 0);
	assert_int_equal(l.n, n + 1);
	assert_true(l.cap >= l.n);
	assert_int_equal(l.v[n].start, (n - 1) * 10);
	ranges_done(&l);
}

static void find_and_total(void **state)
{
	(void)state;
	static const struct range in[MAX] = {{1, 4}, {6, 9}, {TOP - 1, TOP}};
	struct range_list l = {0}, copy = {0};

	fill(&l, in);
	assert_null(ranges_find(&l, 0));
	assert_ptr_equal(ranges_find(&l, 1), &l.v[0]);
	assert_ptr_equal(ranges_find(&l, 3), &l.v[0]);
	assert_null(ranges_find(&l, 4));
	assert_ptr_equal(ranges_find(&l, 6), &l.v[1]);
	assert_ptr_equal(ranges_find(&l, TOP - 1), &l.v[2]);
	assert_null(ranges_find(&l, TOP));
	assert_int_equal(ranges_total(&l), 7);
	assert_int_equal(ranges_copy(&copy, &l), 0);
	check(0, &copy, in);
	ranges_done(&l);
	assert_null(ranges_find(&l, 1));
	ranges_done(&copy);
}

/* The three operations against a bitmap of 64 addresses. */
static uint64_t bits(const struct range_list *l)
{
	uint64_t b = 0;

	for (size_t i = 0; i < l->n; i++)
		for (uint64_t a = l->v[i].start; a < l->v[i].end; a++)
			b |= 1ull << a;
	return b;
}

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

static void random_list(struct range_list *l, uint32_t *seed)
{
	for (uint32_t i = next(seed) % 8; i; i--) {
		uint64_t at = next(seed) % 60;

		assert_int_equal(ranges_add(l, (struct range){at, at + next(seed) % 5}), 0);
	}
	ranges_normalise(l);
}

static void assert_normal(const struct range_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		assert_false(range_empty(l->v[i]));
		assert_true(!i || l->v[i - 1].end < l->v[i].start);
	}
}

static void random_lists_match_a_bitmap(void **state)
{
	(void)state;
	uint32_t seed = 1;

	for (unsigned i = 0; i < 2000; i++) {
		struct range_list a = {0}, b = {0}, out = {0};
		uint64_t hole = next(&seed) % 60;

		random_list(&a, &seed);
		random_list(&b, &seed);
		assert_int_equal(ranges_subtract(&out, &a, &b), 0);
		assert_true(bits(&out) == (bits(&a) & ~bits(&b)));
		assert_normal(&out);
		assert_int_equal(ranges_meet(&out, &a, &b), 0);
		assert_true(bits(&out) == (bits(&a) & bits(&b)));
		assert_normal(&out);
		assert_int_equal(ranges_copy(&out, &a), 0);
		assert_int_equal(ranges_exclude(&out, (struct range){hole, hole + 4}), 0);
		assert_true(bits(&out) == (bits(&a) & ~(15ull << hole)));
		assert_normal(&out);
		ranges_done(&a);
		ranges_done(&b);
		ranges_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normalise_sorts_and_merges),
		cmocka_unit_test(subtract_cuts),
		cmocka_unit_test(meet_keeps_what_both_have),
		cmocka_unit_test(exclude_works_in_place),
		cmocka_unit_test(exclude_makes_room),
		cmocka_unit_test(find_and_total),
		cmocka_unit_test(random_lists_match_a_bitmap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
