/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include "fdt/edit.h"
#include "fdt/tree_fixture.h"

static void open_fixture(struct buf *b)
{
	struct fixture_tree f;
	struct tree t;

	*b = (struct buf)BUF_INIT;
	assert_int_equal(tree_open(fixture_tree(&f), &t, NULL), 0);
	assert_int_equal(edit_open(&t, b, NULL), 0);
}

/* What the edits left, read back as any tree is. */
static struct tree reopened(const struct buf *b)
{
	struct tree t;

	assert_int_equal(tree_open(buf_span(b), &t, NULL), 0);
	return t;
}

static void sets_chosen(void **state)
{
	(void)state;
	static const struct range usable[] = {{0x1000, 0x3000}, {0x800000000, 0x900000000}};
	struct buf b;
	struct tree_chosen c;
	char line[3000];

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = 0;
	open_fixture(&b);
	assert_int_equal(edit_chosen_text(&b, "bootargs", line, NULL), 0);
	assert_int_equal(edit_chosen_u64(&b, "linux,initrd-start", 0x812345678, NULL), 0);
	assert_int_equal(edit_chosen_u64(&b, "linux,initrd-end", 0x900000000, NULL), 0);
	assert_int_equal(
		edit_chosen_ranges(&b, "linux,usable-memory-range", usable, 2, NULL), 0);
	assert_int_equal(edit_chosen_ranges(&b, "linux,elfcorehdr", usable, 1, NULL), 0);
	assert_int_equal(edit_chosen_remove(&b, "kaslr-seed", NULL), 0);
	assert_int_equal(edit_chosen_remove(&b, "kaslr-seed", NULL), 0);
	struct tree t = reopened(&b);

	assert_int_equal(tree_chosen(&t, &c, NULL), 0);
	assert_int_equal(c.bootargs.len, sizeof(line) - 1);
	assert_int_equal(c.initrd.start, 0x812345678);
	assert_int_equal(c.initrd.end, 0x900000000);
	assert_int_equal(c.nusable, 2);
	assert_int_equal(c.usable[1].start, 0x800000000);
	assert_int_equal(c.elfcorehdr.end, 0x3000);
	assert_false(c.kaslr_seed);
	buf_done(&b);
}

static void reserves(void **state)
{
	(void)state;
	struct buf b;
	struct tree_ranges l = {0};
	const struct range added = {0x50000000, 0x50001000};

	open_fixture(&b);
	assert_int_equal(edit_memreserve(&b, added, NULL), 0);
	assert_int_equal(
		edit_memreserve_remove(&b, (struct range){0x48000000, 0x48010000}, NULL), 0);
	assert_int_equal(
		edit_reserved(&b, "avoid", (struct range){0x60000000, 0x60004000}, true, NULL), 0);
	assert_int_equal(
		edit_reserved(&b, "avoid", (struct range){0x60000000, 0x60008000}, true, NULL),
		-EEXIST);
	assert_int_equal(
		edit_reserved_remove(&b, (struct range){0x40000000, 0x40080000}, NULL), 0);
	struct tree t = reopened(&b);

	assert_int_equal(tree_reserved(&t, &l, NULL), 0);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.v[0].at.start, added.start);
	assert_int_equal(l.v[0].at.end, added.end);
	assert_int_equal(l.v[1].at.end, 0x60004000);
	assert_true(l.v[1].no_map);
	vec_done(&l);
	buf_done(&b);
}

static void many_reservations_fit(void **state)
{
	(void)state;
	struct buf b;
	struct tree_ranges l = {0};

	open_fixture(&b);
	for (uint64_t i = 1; i <= 300; i++) {
		const struct range r = {i << 20, (i << 20) + 4096};

		assert_int_equal(edit_reserved(&b, "r", r, false, NULL), 0);
		assert_int_equal(edit_memreserve(&b, r, NULL), 0);
	}
	struct tree t = reopened(&b);

	assert_int_equal(tree_reserved(&t, &l, NULL), 0);
	assert_int_equal(l.n, 602);
	vec_done(&l);
	buf_done(&b);
}

static void replaces_memory(void **state)
{
	(void)state;
	static const struct range now[] = {{0, 0x1000}, {0x900000000, 0xa00000000}};
	struct buf b;
	struct tree_ranges l = {0};

	open_fixture(&b);
	assert_int_equal(edit_memory(&b, now, 0, NULL), -EINVAL);
	assert_int_equal(edit_memory(&b, now, 2, NULL), 0);
	size_t loose = b.len;

	assert_int_equal(edit_pack(&b, NULL), 0);
	assert_true(b.len < loose);
	struct tree t = reopened(&b);

	assert_int_equal(tree_memory(&t, &l, NULL), 0);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.v[1].at.start, 0x900000000);
	assert_int_equal(l.v[1].at.end, 0xa00000000);
	vec_done(&l);
	buf_done(&b);
}

/* A 32-bit tree without /chosen and /reserved-memory. */
static void small_cells(void **state)
{
	(void)state;
	_Alignas(8) uint8_t bytes[512];
	struct tree t;
	struct buf b = BUF_INIT;
	struct err err = ERR_INIT;
	struct tree_chosen c;

	assert_int_equal(fdt_create_empty_tree(bytes, sizeof(bytes)), 0);
	assert_int_equal(tree_open(span_of(bytes, sizeof(bytes)), &t, NULL), 0);
	assert_int_equal(edit_open(&t, &b, NULL), 0);
	assert_int_equal(edit_reserved(&b, "high", (struct range){1ull << 32, 2ull << 32}, false,
				       &err),
			 -EOVERFLOW);
	assert_non_null(strstr(err.text, "0x100000000 does not fit"));
	assert_int_equal(edit_reserved(&b, "low", (struct range){4096, 8192}, false, NULL), 0);
	assert_int_equal(edit_chosen_text(&b, "bootargs", "quiet", NULL), 0);
	struct tree_ranges l = {0};

	t = reopened(&b);
	assert_int_equal(tree_chosen(&t, &c, NULL), 0);
	assert_int_equal(c.bootargs.len, 5);
	assert_int_equal(tree_reserved(&t, &l, NULL), 0);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.v[0].at.end, 8192);
	vec_done(&l);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_chosen),	   cmocka_unit_test(reserves),
		cmocka_unit_test(many_reservations_fit), cmocka_unit_test(replaces_memory),
		cmocka_unit_test(small_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
