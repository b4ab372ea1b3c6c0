/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <libfdt.h>
#include <string.h>

#include "fdt/overlay.h"
#include "fdt/overlay_fixture.h"
#include "fdt/tree.h"

static struct buf tree_of(bool labels)
{
	struct fixture_tree t;
	struct buf b = BUF_INIT;
	struct span s = fixture_base(&t, labels);

	assert_int_equal(buf_add(&b, s.ptr, s.len), 0);
	return b;
}

/* What it says of /soc/uart; NULL: no such node or property. */
static const char *of_uart(const struct buf *tree, const char *name)
{
	return fdt_getprop(tree->ptr, fdt_path_offset(tree->ptr, "/soc/uart"), name, NULL);
}

static void lays_one_over_the_other(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct buf tree = tree_of(true);
	struct tree t;

	assert_int_equal(overlay_apply(&tree, fixture_overlay(&f, "uart", "status", "okay"), NULL),
			 0);
	assert_int_equal(overlay_apply(&tree, fixture_overlay(&f, "uart", "its", "own"), NULL), 0);
	assert_string_equal(of_uart(&tree, "status"), "okay");
	assert_string_equal(of_uart(&tree, "its"), "own");
	assert_string_equal(of_uart(&tree, "compatible"), "ns16550a");
	assert_int_equal(tree_open(buf_span(&tree), &t, NULL), 0);
	assert_int_equal(t.blob.len, tree.len);
	buf_done(&tree);
}

static void refused(struct buf *tree, struct span overlay, int want, const char *why)
{
	struct err err = ERR_INIT;
	struct buf was = BUF_INIT;

	assert_int_equal(buf_add(&was, tree->ptr, tree->len), 0);
	assert_int_equal(overlay_apply(tree, overlay, &err), want);
	assert_non_null(strstr(err.text, why));
	assert_int_equal(tree->len, was.len);
	assert_memory_equal(tree->ptr, was.ptr, was.len);
	buf_done(&was);
}

static void what_does_not_fit_changes_nothing(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct buf tree = tree_of(true), plain = tree_of(false);
	struct span s = fixture_overlay(&f, "spi", "status", "okay");

	refused(&tree, s, -EBADMSG, "a node or label that the tree does not have");
	s = fixture_overlay(&f, "uart", "status", "okay");
	refused(&plain, s, -EBADMSG, "'dtc -@'");
	refused(&tree, span_of(s.ptr, s.len - 1), -EBADMSG, "as a device tree: device tree ends");
	refused(&tree, span_of("none", 4), -EBADMSG, "as a device tree: is no device tree");
	refused(&tree, buf_span(&plain), -EBADMSG, "is a device tree, but no overlay");
	plain.len--;
	refused(&plain, s, -EBADMSG, "the tree below it: device tree ends");
	buf_done(&tree);
	buf_done(&plain);
}

/* libfdt would follow nodes down until there is no stack left. */
static void depth_is_bounded(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct buf tree = tree_of(true);

	refused(&tree, fixture_deep(&f, 65), -ENOTSUP,
		"as a device tree: has nodes deeper than 64");
	buf_done(&tree);
}

static void size_is_bounded(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct buf tree = tree_of(true), overlay = BUF_INIT;
	struct span s = fixture_overlay(&f, "uart", "status", "okay");

	assert_int_equal(buf_add(&overlay, s.ptr, s.len), 0);
	assert_int_equal(buf_zero(&overlay, (128 << 10) + 1 - s.len), 0);
	put_be(overlay.ptr + 4, overlay.len, 4);
	refused(&tree, buf_span(&overlay), -ENOTSUP,
		"as a device tree: device tree of 0x20001 bytes is larger than 0x20000");
	buf_done(&tree);
	buf_done(&overlay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lays_one_over_the_other),
		cmocka_unit_test(what_does_not_fit_changes_nothing),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(size_is_bounded),
	};

	return cmocka_run_group_tests_name("overlay", tests, NULL, NULL);
}
