/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include "fdt/tree.h"
#include "fdt/tree_fixture.h"

static void ranges_are(const struct tree_ranges *l, const struct tree_range *want, size_t n)
{
	assert_int_equal(l->n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(l->v[i].at.start, want[i].at.start);
		assert_int_equal(l->v[i].at.end, want[i].at.end);
		assert_int_equal(l->v[i].no_map, want[i].no_map);
	}
}

static void reads_memory(void **state)
{
	(void)state;
	static const struct tree_range want[] = {
		{{0x40000000, 0x80000000}, false},
		{{0x800000000, 0x900000000}, false},
		{{0x900000000, 0x900001000}, false},
	};
	struct fixture_tree f;
	struct tree t;
	struct tree_ranges l = {0};

	assert_int_equal(tree_open(fixture_tree(&f), &t, NULL), 0);
	assert_int_equal(tree_memory(&t, &l, NULL), 0);
	ranges_are(&l, want, 3);
	vec_done(&l);
}

static void reads_reservations(void **state)
{
	(void)state;
	static const struct tree_range want[] = {
		{{0x48000000, 0x48010000}, false},
		{{0x40000000, 0x40080000}, true},
	};
	struct fixture_tree f;
	struct tree t;
	struct tree_ranges l = {0};

	assert_int_equal(tree_open(fixture_tree(&f), &t, NULL), 0);
	assert_int_equal(tree_reserved(&t, &l, NULL), 0);
	ranges_are(&l, want, 2);
	vec_done(&l);
}

static void reads_chosen(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct tree t;
	struct tree_chosen c;

	assert_int_equal(tree_open(fixture_tree(&f), &t, NULL), 0);
	assert_int_equal(tree_chosen(&t, &c, NULL), 0);
	assert_int_equal(c.bootargs.len, 21);
	assert_memory_equal(c.bootargs.ptr, "console=ttyAMA0 quiet", 21);
	assert_int_equal(c.stdout_path.len, 14);
	assert_int_equal(c.initrd.start, 0x48000000);
	assert_int_equal(c.initrd.end, 0x48d56000);
	assert_int_equal(c.nusable, 1);
	assert_int_equal(c.usable[0].end, 0x7ac00000);
	assert_true(range_empty(c.elfcorehdr) && range_empty(c.crash));
	assert_true(c.kaslr_seed && !c.rng_seed);
}

static void reads_cpus(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct tree t;
	struct tree_cpus l = {0};

	assert_int_equal(tree_open(fixture_tree(&f), &t, NULL), 0);
	assert_int_equal(tree_cpus(&t, &l, NULL), 0);
	assert_int_equal(l.n, 2);
	assert_true(l.v[0].available && !l.v[1].available);
	assert_int_equal(l.v[1].id, 0x101);
	assert_int_equal(l.v[1].threads, 1);
	vec_done(&l);
}

/* One row per lie: a property of a node gets other bytes of the same length. */
static void lies_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *path, *name;
		size_t at;
		uint32_t value;
		const char *text;
	} t[] = {
		{"/", "#address-cells", 0, 3, "#address-cells of the node at 0x"},
		{"/", "#size-cells", 0, 0, "neither 1 nor 2"},
		{"/", "#size-cells", 0, 1, "no multiple of 12"},
		{"/memory@40000000", "reg", 0, UINT32_MAX, NULL},
		{"/memory@40000000", "reg", 8, UINT32_MAX, NULL},
		{"/memory@9", "reg", 0, UINT32_MAX, NULL},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct fixture_tree f;
		struct tree tree;
		struct tree_ranges l = {0};
		struct err err = ERR_INIT;
		uint8_t *p;

		assert_int_equal(tree_open(fixture_tree(&f), &tree, NULL), 0);
		p = fdt_getprop_w(f.bytes, fdt_path_offset(f.bytes, t[i].path), t[i].name, NULL);
		put_be(p + t[i].at, t[i].value, 4);
		int r = tree_memory(&tree, &l, &err);

		assert_int_equal(r, t[i].text ? -EBADMSG : 0);
		if (t[i].text)
			assert_non_null(strstr(err.text, t[i].text));
		vec_done(&l);
	}
}

static void sums_do_not_wrap(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct tree t;
	struct tree_ranges l = {0};
	struct err err = ERR_INIT;
	uint8_t *p;

	assert_int_equal(tree_open(fixture_tree(&f), &t, NULL), 0);
	p = fdt_getprop_w(f.bytes, fdt_path_offset(f.bytes, "/memory@9"), "reg", NULL);
	memset(p, 0xff, 16);
	assert_int_equal(tree_memory(&t, &l, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "and its size pass 2^64"));
	assert_true(err.has_offset && err.offset < t.blob.len);
	vec_done(&l);
	fdt_del_mem_rsv(f.bytes, 0);
	put_be(f.bytes + fdt_off_mem_rsvmap(f.bytes), UINT64_MAX, 8);
	put_be(f.bytes + fdt_off_mem_rsvmap(f.bytes) + 8, 2, 8);
	assert_int_equal(tree_reserved(&t, &l, &err), -EBADMSG);
	vec_done(&l);
}

/* Cut anywhere, or with a structure that leaves the blob: refused before anyone walks. */
static void damage_is_seen(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct tree t;
	struct err err = ERR_INIT;
	struct span s = fixture_tree(&f);

	for (size_t n = 0; n < s.len; n++)
		assert_int_equal(tree_open(span_sub(s, 0, n), &t, NULL),
				 n < 4 ? -ENOEXEC : -EBADMSG);
	assert_int_equal(tree_open(span_sub(s, 0, s.len - 1), &t, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "its header says"));
	put_be(f.bytes + 8, 0x7fffffff, 4); /* off_dt_struct */
	assert_int_equal(tree_open(s, &t, &err), -EBADMSG);
	s = fixture_tree(&f);
	put_be(f.bytes + 20, 3, 4);
	assert_int_equal(tree_open(s, &t, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "version 3"));
	s = fixture_tree(&f);
	memmove(f.bytes + 1, f.bytes, s.len);
	assert_int_equal(tree_open(span_of(f.bytes + 1, s.len), &t, NULL), -EINVAL);
}

/* libfdt's own walk over such a tree never ends (before 1.7). */
static void lengths_stay_inside(void **state)
{
	(void)state;
	static const uint32_t lies[] = {0xfffffff4, 0xffffffff, 0x1000, 0x80000000};
	struct fixture_tree f;
	struct tree t;

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct err err = ERR_INIT;
		struct span blob = fixture_tree(&f);
		int at = fdt_first_property_offset(f.bytes, 0);

		put_be(f.bytes + fdt_off_dt_struct(f.bytes) + at + 4, lies[i], 4);
		assert_int_equal(tree_open(blob, &t, &err), -EBADMSG);
		assert_string_equal(err.text,
				    "device tree is damaged at 0x58: a property passes the end");
		assert_int_equal(err.offset, fdt_off_dt_struct(f.bytes) + (unsigned)at);
	}
}

/* Each word of the structure made another: the place is told. */
static void damage_has_a_place(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct tree t;
	static const struct {
		uint32_t word, value;
		const char *why;
	} lies[] = {
		{0, FDT_END_NODE, "0x50: a node ends that did not begin"},
		{0, 7, "0x50: this is no token"},
		{2, FDT_END, "0x58: the tree ends inside a node"},
		{4, 0x10000, "0x58: a property's name lies behind the names"},
	};

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct err err = ERR_INIT;
		struct span blob = fixture_tree(&f);

		put_be(f.bytes + fdt_off_dt_struct(f.bytes) + 4ul * lies[i].word, lies[i].value, 4);
		assert_int_equal(tree_open(blob, &t, &err), -EBADMSG);
		assert_non_null(strstr(err.text, lies[i].why));
	}
	struct err err = ERR_INIT;
	struct span blob = fixture_tree(&f);

	put_be(f.bytes + 36, fdt_size_dt_struct(f.bytes) - 4, 4);
	assert_int_equal(tree_open(blob, &t, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "the tree has no end"));
}

/* Thousands of properties could share one of a MiB. */
static void names_are_short(void **state)
{
	(void)state;
	_Alignas(8) uint8_t blob[1024];
	char name[256];
	struct err err = ERR_INIT;
	struct tree t;

	for (size_t len = 255; len < 257; len++) {
		fdt_create(blob, sizeof(blob));
		fdt_finish_reservemap(blob);
		fdt_begin_node(blob, "");
		memset(name, 'n', sizeof(name));
		name[255] = 0;
		fdt_property(blob, name, NULL, 0);
		fdt_end_node(blob);
		fdt_finish(blob);
		if (len > 255) /* which libfdt's writer keeps the names behind */
			blob[fdt_off_dt_strings(blob) + 255] = 'n';
		assert_int_equal(tree_open(span_of(blob, sizeof(blob)), &t, &err),
				 len > 255 ? -EBADMSG : 0);
	}
	assert_non_null(strstr(err.text, "a property's name has no end within 256 bytes"));
}

/* vendor_boot has one for each board, one behind the other. */
static void trees_in_a_row(void **state)
{
	(void)state;
	static struct fixture_tree f;
	static uint8_t two[2 * sizeof(f.bytes)];
	struct span one = fixture_tree(&f);

	memcpy(two, one.ptr, one.len);
	assert_false(tree_has_next(one));
	assert_false(tree_has_next(span_of(two, sizeof(two))));
	memcpy(two + one.len, one.ptr, one.len);
	assert_true(tree_has_next(span_of(two, 2 * one.len)));
	assert_false(tree_has_next(span_of(two, one.len + 3)));
	put_be(two + 4, 0, 4); /* itself */
	assert_false(tree_has_next(span_of(two, 2 * one.len)));
	put_be(two + 4, UINT32_MAX, 4);
	assert_false(tree_has_next(span_of(two, 2 * one.len)));
	assert_false(tree_has_next(span_of(NULL, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_memory),       cmocka_unit_test(reads_reservations),
		cmocka_unit_test(reads_chosen),       cmocka_unit_test(reads_cpus),
		cmocka_unit_test(lies_are_named),     cmocka_unit_test(sums_do_not_wrap),
		cmocka_unit_test(damage_is_seen),     cmocka_unit_test(lengths_stay_inside),
		cmocka_unit_test(damage_has_a_place), cmocka_unit_test(names_are_short),
		cmocka_unit_test(trees_in_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
