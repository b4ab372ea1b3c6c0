/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>

#include "fdt/edit.h"
#include "fdt/tree_fixture.h"

static void open_fixture(struct fixture_tree *f, struct edit *e)
{
	struct tree t;

	assert_int_equal(tree_open(fixture_tree(f), &t, NULL), 0);
	assert_int_equal(edit_open(&t, e, NULL), 0);
}

/* What a reader finds in the blob that @e gives; @e is done with. */
static void *written(struct edit *e, struct buf *out, struct tree *t)
{
	assert_int_equal(edit_write(e, 0, out, NULL), 0);
	edit_done(e);
	assert_int_equal(tree_open(buf_span(out), t, NULL), 0);
	return out->ptr;
}

static void is(struct span s, const char *text)
{
	assert_int_equal(s.len, strlen(text));
	assert_memory_equal(s.ptr, text, s.len);
}

static void finds_nodes(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct edit e;
	uint64_t v = 0;

	open_fixture(&f, &e);
	assert_ptr_equal(edit_find(&e, "/"), e.root);
	assert_string_equal(edit_find(&e, "/memory")->name, "memory@40000000");
	assert_string_equal(edit_find(&e, "/memory@9")->name, "memory@9");
	assert_null(edit_find(&e, "/mem"));
	assert_null(edit_find(&e, "/memory@4"));
	assert_null(edit_find(&e, "/cpus/cpu@0/x"));
	assert_ptr_equal(edit_find(&e, "cpus/cpu@101"),
			 edit_child(edit_find(&e, "/cpus"), "cpu@101"));
	is(edit_get_text(edit_find(&e, "/chosen"), "stdout-path"), "/pl011@9000000");
	assert_true(edit_get_number(edit_find(&e, "/cpus/cpu@101"), "reg", &v));
	assert_int_equal(v, 0x101);
	assert_false(edit_get_number(edit_find(&e, "/chosen"), "bootargs", &v));
	assert_null(edit_get(e.root, "nothing").ptr);
	assert_non_null(edit_get(edit_find(&e, "/reserved-memory"), "ranges").ptr);
	edit_done(&e);
}

static void walks_all(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct edit e;
	char path[64];
	unsigned n = 0;
	const struct edit_node *last = NULL;

	open_fixture(&f, &e);
	for (const struct edit_node *node = e.root; node; node = edit_next(node)) {
		n++;
		last = node;
		assert_int_equal(edit_path(node, path, sizeof(path)), 0);
		assert_ptr_equal(edit_find(&e, path), node);
	}
	assert_int_equal(n, 12);
	assert_string_equal(path, "/cpus/cpu@101");
	assert_int_equal(edit_path(last, path, 13), -EINVAL);
	assert_int_equal(edit_path(last, path, 14), 0);
	assert_int_equal(edit_path(e.root, path, 2), 0);
	assert_string_equal(path, "/");
	edit_done(&e);
}

static void sets_properties(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct edit e;
	struct tree t;
	struct tree_chosen c;
	struct buf out = BUF_INIT;
	static const struct range two[] = {{0x1000, 0x3000}, {0x900000000, 0x900001000}};

	open_fixture(&f, &e);
	struct edit_node *chosen = edit_find(&e, "/chosen");

	assert_int_equal(edit_set_text(&e, chosen, "bootargs", "a longer line than it was", NULL),
			 0);
	assert_int_equal(edit_set_u64(&e, chosen, "linux,initrd-end", 0x123456789a, NULL), 0);
	assert_int_equal(edit_set_u32(&e, chosen, "linux,initrd-start", 7, NULL), 0);
	assert_int_equal(edit_set_ranges(&e, chosen, "linux,usable-memory-range", two, 2, NULL), 0);
	assert_true(edit_unset(chosen, "kaslr-seed"));
	assert_false(edit_unset(chosen, "kaslr-seed"));
	written(&e, &out, &t);
	assert_int_equal(tree_chosen(&t, &c, NULL), 0);
	is(c.bootargs, "a longer line than it was");
	assert_int_equal(c.initrd.start, 7);
	assert_int_equal(c.initrd.end, 0x123456789a);
	assert_int_equal(c.nusable, 2);
	assert_int_equal(c.usable[1].start, 0x900000000);
	assert_int_equal(c.usable[1].end, 0x900001000);
	assert_false(c.kaslr_seed);
	is(c.stdout_path, "/pl011@9000000");
	buf_done(&out);
}

static void adds_and_removes_nodes(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct edit e;
	struct tree t;
	struct buf out = BUF_INIT;
	struct edit_node *n, *again;
	struct tree_ranges memory = {0};

	open_fixture(&f, &e);
	edit_remove(edit_find(&e, "/memory"));
	edit_remove(edit_find(&e, "/reserved-memory"));
	assert_int_equal(edit_make(&e, "/soc/uart@9000000", &n, NULL), 0);
	assert_int_equal(edit_add(&e, n->parent, "uart@9000000", &again, NULL), 0);
	assert_ptr_equal(n, again);
	assert_int_equal(edit_set_text(&e, n, "status", "okay", NULL), 0);
	const void *fdt = written(&e, &out, &t);

	assert_int_equal(tree_memory(&t, &memory, NULL), 0);
	assert_int_equal(memory.n, 1);
	assert_true(fdt_path_offset(fdt, "/reserved-memory") < 0);
	assert_string_equal(
		fdt_getprop(fdt, fdt_path_offset(fdt, "/soc/uart@9000000"), "status", NULL),
		"okay");
	assert_true(fdt_path_offset(fdt, "/soc") > fdt_path_offset(fdt, "/cpus"));
	vec_done(&memory);
	buf_done(&out);
}

static void builds_from_nothing(void **state)
{
	(void)state;
	struct edit e;
	struct tree t;
	struct buf out = BUF_INIT;

	assert_int_equal(edit_new(&e, NULL), 0);
	assert_int_equal(edit_put(&e, "/model", span_of("x", 2), NULL), 0);
	assert_int_equal(
		edit_put(&e, "/cpus/PowerPC,POWER9@0/device_type", span_of("cpu", 4), NULL), 0);
	assert_int_equal(
		edit_put(&e, "/cpus/PowerPC,POWER9@8/device_type", span_of("cpu", 4), NULL), 0);
	assert_int_equal(edit_put(&e, "/cpus/PowerPC,POWER9@8/empty", span_of(NULL, 0), NULL), 0);
	assert_int_equal(edit_put(&e, "/cpus/", span_of(NULL, 0), NULL), -EINVAL);
	assert_int_equal(edit_put(&e, "/a@1/x", span_of(NULL, 0), NULL), 0);
	assert_int_equal(edit_put(&e, "/a/x", span_of(NULL, 0), NULL), 0);
	struct edit_node *a = NULL;

	assert_int_equal(edit_make(&e, "/a", &a, NULL), 0);
	assert_string_equal(a->name, "a@1");
	assert_int_equal(edit_add(&e, e.root, "a", &a, NULL), 0);
	assert_string_equal(a->name, "a");
	assert_non_null(a->props);
	edit_remove(a);
	e.boot_cpu = 8;
	assert_int_equal(edit_reserve(&e, (struct range){0x1000, 0x2000}, NULL), 0);
	assert_int_equal(edit_reserve(&e, (struct range){0x1000, 0x2000}, NULL), 0);
	const void *fdt = written(&e, &out, &t);
	struct tree_cpus cpus = {0};
	int len = -1;

	assert_int_equal(tree_cpus(&t, &cpus, NULL), 0);
	assert_int_equal(cpus.n, 2);
	assert_int_equal(fdt_boot_cpuid_phys(fdt), 8);
	assert_int_equal(fdt_num_mem_rsv(fdt), 1);
	assert_non_null(
		fdt_getprop(fdt, fdt_path_offset(fdt, "/cpus/PowerPC,POWER9@8"), "empty", &len));
	assert_int_equal(len, 0);
	assert_string_equal(fdt_getprop(fdt, 0, "model", NULL), "x");
	vec_done(&cpus);
	buf_done(&out);
}

static void reservations_come_and_go(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct edit e;
	struct tree t;
	struct buf out = BUF_INIT;

	open_fixture(&f, &e);
	assert_int_equal(e.reserved.n, 1);
	assert_false(edit_unreserve(&e, (struct range){0x48000000, 0x48000001}));
	assert_true(edit_unreserve(&e, (struct range){0x48000000, 0x48010000}));
	assert_int_equal(edit_reserve(&e, (struct range){5, 9}, NULL), 0);
	const void *fdt = written(&e, &out, &t);
	uint64_t addr, size;

	assert_int_equal(fdt_num_mem_rsv(fdt), 1);
	assert_int_equal(fdt_get_mem_rsv(fdt, 0, &addr, &size), 0);
	assert_int_equal(addr, 5);
	assert_int_equal(size, 4);
	buf_done(&out);
}

/* NOPs and slack go, all else stays; the second writing changes nothing. */
static void untouched_stays_the_same(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct edit e;
	struct tree t;
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct span blob = fixture_tree(&f);
	size_t before = blob.len;

	assert_int_equal(fdt_nop_node(f.bytes, fdt_path_offset(f.bytes, "/memory@9")), 0);
	assert_int_equal(tree_open(blob, &t, NULL), 0);
	assert_int_equal(edit_open(&t, &e, NULL), 0);
	written(&e, &once, &t);
	assert_true(once.len < before);
	assert_int_equal(edit_open(&t, &e, NULL), 0);
	written(&e, &twice, &t);
	assert_int_equal(once.len, twice.len);
	assert_memory_equal(once.ptr, twice.ptr, once.len);
	buf_done(&once);
	buf_done(&twice);
}

static void slack_is_inside(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct edit e;
	struct tree t;
	struct buf out = BUF_INIT;

	open_fixture(&f, &e);
	assert_int_equal(edit_write(&e, 4096, &out, NULL), 0);
	assert_int_equal(tree_open(buf_span(&out), &t, NULL), 0);
	assert_int_equal(t.blob.len, out.len);
	assert_int_equal(fdt_setprop_string(out.ptr, 0, "room-for", "more"), 0);
	buf_done(&out);
	assert_int_equal(edit_write(&e, TREE_MAX, &out, NULL), -ENOTSUP);
	assert_null(out.ptr);
	edit_done(&e);
}

static void limits_are_kept(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct edit e;
	struct edit_node *n;
	static uint8_t big[TREE_MAX];

	assert_int_equal(edit_new(&e, NULL), 0);
	n = e.root;
	for (int i = 1; i < EDIT_DEPTH; i++)
		assert_int_equal(edit_add(&e, n, "n", &n, NULL), 0);
	assert_int_equal(edit_add(&e, n, "n", &n, &err), -ENOTSUP);
	assert_string_equal(err.text, "device tree is deeper than 64 nodes");
	assert_int_equal(edit_add(&e, e.root, "a/b", &n, NULL), -EINVAL);
	assert_int_equal(edit_add(&e, e.root, "", &n, NULL), -EINVAL);
	assert_int_equal(edit_set(&e, e.root, "big", span_of(big, sizeof(big)), NULL), -ENOTSUP);
	assert_null(edit_get(e.root, "big").ptr);
	assert_int_equal(edit_set_ranges(&e, e.root, "reg", &(struct range){1ull << 32, 1ull << 33},
					 1, NULL),
			 -EOVERFLOW);
	edit_done(&e);
}

/* More names, and more reservations, than other tools have room for. */
static void many_are_kept(void **state)
{
	(void)state;
	enum { NAMES = 2000, RESERVED = 300 };
	struct edit e;
	struct tree t;
	struct buf out = BUF_INIT;
	char name[32];

	assert_int_equal(edit_new(&e, NULL), 0);
	for (unsigned i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "property-number-%u", i);
		assert_int_equal(edit_set_u32(&e, e.root, name, i, NULL), 0);
	}
	for (uint64_t i = 0; i < RESERVED; i++)
		assert_int_equal(edit_reserve(&e, (struct range){i << 20, (i << 20) + 1}, NULL), 0);
	const void *fdt = written(&e, &out, &t);

	assert_int_equal(fdt_num_mem_rsv(fdt), RESERVED);
	assert_int_equal(edit_open(&t, &e, NULL), 0);
	for (unsigned i = 0; i < NAMES; i++) {
		uint64_t v = NAMES;

		snprintf(name, sizeof(name), "property-number-%u", i);
		assert_true(edit_get_number(e.root, name, &v) && v == i);
	}
	edit_done(&e);
	buf_done(&out);
}

static void tells_what_it_cannot_read(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct err err = ERR_INIT;
	struct edit e;
	struct tree t;
	struct span blob = fixture_tree(&f);

	put_be(f.bytes + fdt_off_mem_rsvmap(f.bytes), UINT64_MAX - 1, 8);
	assert_int_equal(tree_open(blob, &t, NULL), 0);
	assert_int_equal(edit_open(&t, &e, &err), -EBADMSG);
	assert_string_equal(err.text, "reservation 0 of the device tree passes 2^64");
}

static void cells_of_the_root(void **state)
{
	(void)state;
	struct edit e;
	struct tree_cells c;

	assert_int_equal(edit_new(&e, NULL), 0);
	assert_int_equal(edit_cells(&e, &c, NULL), 0);
	assert_int_equal(c.addr, 1);
	assert_int_equal(edit_set_u32(&e, e.root, "#address-cells", 2, NULL), 0);
	assert_int_equal(edit_cells(&e, &c, NULL), 0);
	assert_int_equal(c.addr, 2);
	assert_int_equal(c.size, 1);
	assert_int_equal(edit_set_u32(&e, e.root, "#size-cells", 3, NULL), 0);
	assert_int_equal(edit_cells(&e, &c, NULL), -EBADMSG);
	edit_done(&e);
}

/* The hash of the names, as whoever makes a tree against it knows it. */
static bool collides(const char *name)
{
	uint32_t hash = 2166136261;

	while (*name)
		hash = (hash ^ (uint8_t)*name++) * 16777619;
	return !((hash ^ hash >> 16) % 256);
}

static void names_of_one_hash_are_few(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct edit e;
	char name[16];
	unsigned n = 0, have = 0;
	int r = 0;

	assert_int_equal(edit_new(&e, NULL), 0);
	for (; !r && n < 256 * 256; n++) {
		snprintf(name, sizeof(name), "%u", n);
		if (!collides(name))
			continue;
		r = edit_set(&e, e.root, name, span_of("", 0), &err);
		have += !r;
	}
	assert_int_equal(r, -ENOTSUP);
	assert_int_equal(have, 128);
	assert_string_equal(err.text, "device tree has too many names of properties");
	edit_done(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_nodes),
		cmocka_unit_test(walks_all),
		cmocka_unit_test(sets_properties),
		cmocka_unit_test(adds_and_removes_nodes),
		cmocka_unit_test(builds_from_nothing),
		cmocka_unit_test(reservations_come_and_go),
		cmocka_unit_test(untouched_stays_the_same),
		cmocka_unit_test(slack_is_inside),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(many_are_kept),
		cmocka_unit_test(tells_what_it_cannot_read),
		cmocka_unit_test(cells_of_the_root),
		cmocka_unit_test(names_of_one_hash_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
