/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include "arch/dtb_fixture.h"

#include <time.h>

static const struct dtb_rules ppc64_like = {.reserve_blob = true};

static void next_kernel_is_told(void **state)
{
	struct load *l = *state;

	memcpy(l->req.rng_seed, "0123456789abcdef0123456789abcdef", 32);
	l->req.has_rng_seed = true;
	filled(l, &arm64_like);
	struct tree_chosen c = chosen(l);

	assert_int_equal(c.bootargs.len, 14);
	assert_memory_equal(c.bootargs.ptr, "root=/dev/vda1", 15);
	assert_int_equal(c.initrd.start, 0x900000000);
	assert_int_equal(c.initrd.end, 0x900000000 + INITRD_LEN);
	assert_int_equal(c.nusable, 0);
	assert_true(range_empty(c.elfcorehdr));
	assert_int_equal(c.stdout_path.len, 14);
	struct span kaslr = edit_get(node(l, "/chosen"), "kaslr-seed");
	struct span rng = edit_get(node(l, "/chosen"), "rng-seed");

	assert_int_equal(kaslr.len, 8);
	assert_memory_equal(kaslr.ptr, "01234567", 8);
	assert_int_equal(rng.len, 32);
	assert_memory_not_equal(rng.ptr, l->req.rng_seed, 8);
	assert_non_null(edit_get(node(l, "/chosen"), "linux,booted-from-kexec").ptr);
	assert_true(reserves(l, 0x900000000, 0x900000000 + INITRD_LEN));
	assert_int_equal(l->e.reserved.n, 2);
	assert_int_equal(l->plan.warnings.n, 0);
}

static int leave_much(struct edit *e)
{
	static const uint8_t stale[] = {0, 0, 0, 0, 0x7a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0};
	struct edit_node *c = edit_find(e, "/chosen");
	int r = edit_set_u64(e, c, "linux,initrd-end", 0x4800ff01, NULL);

	/* The firmware reserved the old initrd by pages: 0x48000000 to 0x48010000. */
	if (!r)
		r = edit_set(e, c, "linux,elfcorehdr", span_of(stale, 16), NULL);
	if (!r)
		r = edit_set(e, c, "linux,ima-kexec-buffer", span_of(stale, 16), NULL);
	if (!r)
		r = edit_reserve(e, (struct range){0x7a000000, 0x7a002000}, NULL);
	if (!r)
		r = edit_set_u64(e, c, "linux,kho-fdt", 1, NULL);
	if (!r)
		r = edit_set(e, c, "rng-seed", span_of("xyz", 3), NULL);
	if (!r)
		r = edit_set(e, edit_find(e, "/memory"), "linux,usable-memory", span_of(stale, 16),
			     NULL);
	return r ? r : edit_set_u32(e, c, "linux,uefi-mmap-size", 4, NULL);
}

/* Each boot leaves something; none of it may reach the next. */
static void stale_things_go(void **state)
{
	struct load *l = *state;

	change(&l->m.fdt, leave_much);
	l->b.initrd.len = 0;
	l->plan.cmdline.len = 0;
	filled(l, &arm64_like);
	const struct edit_node *c = node(l, "/chosen");
	static const char *const gone[] = {"bootargs",
					   "linux,initrd-start",
					   "linux,initrd-end",
					   "linux,elfcorehdr",
					   "linux,ima-kexec-buffer",
					   "linux,usable-memory-range",
					   "linux,kho-fdt",
					   "kaslr-seed",
					   "rng-seed"};

	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		assert_null(edit_get(c, gone[i]).ptr);
	assert_null(edit_get(node(l, "/memory"), "linux,usable-memory").ptr);
	assert_non_null(edit_get(c, "linux,uefi-mmap-size").ptr);
	assert_int_equal(l->e.reserved.n, 0);
}

/* kexec-tools 2020: a seed that the running kernel had not wiped made arm64 refuse the load. */
static void seed_not_wiped(void **state)
{
	struct load *l = *state;
	uint64_t seed = 0;

	assert_true(chosen(&(struct load){.out = buf_span(&l->m.fdt)}).kaslr_seed);
	filled(l, &arm64_like);
	assert_false(edit_get_number(node(l, "/chosen"), "kaslr-seed", &seed));
}

static void add_crash(struct load *l)
{
	struct boot_piece *p = boot_add(&l->b, SEG_ELFCOREHDR, "elfcorehdr");

	p->place.size = 0x10000;
	l->b.crash = true;
	assert_int_equal(ranges_add(&l->m.crash, (struct range){0x40000000, 0x48000000}), 0);
	assert_int_equal(ranges_add(&l->m.crash, (struct range){0x840000000, 0x880000000}), 0);
}

static void capture_kernel_is_told(void **state)
{
	struct load *l = *state;

	add_crash(l);
	filled(l, &arm64_like);
	struct tree_chosen c = chosen(l);

	assert_int_equal(c.elfcorehdr.start, 0x6ff00000);
	assert_int_equal(c.elfcorehdr.end, 0x6ff10000);
	assert_int_equal(c.nusable, 2);
	assert_int_equal(c.usable[0].start, 0x840000000);
	assert_int_equal(c.usable[0].end, 0x880000000);
	assert_int_equal(c.usable[1].start, 0x40000000);
	assert_true(reserves(l, 0x6ff00000, 0x6ff10000));
}

static void capture_kernel_by_its_line(void **state)
{
	struct load *l = *state;

	add_crash(l);
	filled(l, &ppc64_like);
	struct tree_chosen c = chosen(l);

	assert_true(range_empty(c.elfcorehdr));
	assert_int_equal(c.nusable, 0);
	assert_true(reserves(l, 0x6ff00000, 0x6ff10000));
}

/* kexec-tools ppc64 reserves 0 to the blob's size instead of where the blob goes. */
static void blob_is_reserved_where_it_is(void **state)
{
	struct load *l = *state;

	filled(l, &ppc64_like);
	assert_true(reserves(l, 0x47000000, 0x47000000 + l->out.len));
	for (size_t i = 0; i < l->e.reserved.n; i++)
		assert_true(l->e.reserved.v[i].start);
}

static int avoid_old(struct edit *e)
{
	int r = edit_put(e, "/reserved-memory/baton-avoid@1000/reg",
			 span_of("\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\x10\0", 16), NULL);

	return r ? r : edit_put(e, "/reserved-memory/baton-avoid@9000/reg", span_of("", 0), NULL);
}

/* 100,000 in both trees: nothing is compared with everything. */
static int reserve_many(struct edit *e)
{
	int r = 0;

	e->reserved.n = 0;
	for (uint64_t i = 0; !r && i < 100000; i++)
		r = vec_push(&e->reserved, ((struct range){i << 16, (i << 16) + 0x1000}));
	return r;
}

static int reserve_many_more(struct edit *e)
{
	int r = reserve_many(e);

	for (size_t i = 0; i < e->reserved.n; i += 2)
		e->reserved.v[i].end += 0x1000;
	return r;
}

static void many_reservations_are_fast(void **state)
{
	struct load *l = *state;
	clock_t start = clock();

	set_tree(&l->user, buf_span(&l->m.fdt));
	change(&l->user, reserve_many);
	change(&l->m.fdt, reserve_many_more);
	for (uint64_t i = 0; i < 5000; i++)
		assert_int_equal(ranges_add(&l->b.avoid, (struct range){i << 20, (i << 20) + 1}),
				 0);
	filled(l, &arm64_like);
	assert_int_equal(l->e.reserved.n, 150000 + 1); /* and the initrd */
	if (clock() - start > 5 * CLOCKS_PER_SEC)
		fail_msg("%ld s", (long)((clock() - start) / CLOCKS_PER_SEC));
}

static void avoided_memory_is_reserved(void **state)
{
	struct load *l = *state;
	struct tree_ranges list = {0};

	change(&l->m.fdt, avoid_old);
	assert_int_equal(ranges_add(&l->b.avoid, (struct range){0x50000800, 0x50001001}), 0);
	filled(l, &arm64_like);
	struct tree t = {l->out};

	assert_int_equal(tree_reserved(&t, &list, NULL), 0);
	assert_int_equal(list.n, 4);
	assert_int_equal(list.v[2].at.start, 0x40000000); /* the machine's own stays */
	assert_int_equal(list.v[3].at.start, 0x50000000);
	assert_int_equal(list.v[3].at.end, 0x50002000);
	assert_true(list.v[3].no_map);
	assert_null(edit_find(&l->e, "/reserved-memory/baton-avoid@1000"));
	vec_done(&list);
}

static int no_reserved_memory(struct edit *e)
{
	edit_remove(edit_find(e, "/reserved-memory"));
	return 0;
}

static void avoided_memory_needs_a_parent(void **state)
{
	struct load *l = *state;

	change(&l->m.fdt, no_reserved_memory);
	assert_int_equal(ranges_add(&l->b.avoid, (struct range){0x50000000, 0x50001000}), 0);
	filled(l, &arm64_like);
	const struct edit_node *n = node(l, "/reserved-memory");
	uint64_t cells = 0;

	assert_true(edit_get_number(n, "#address-cells", &cells));
	assert_int_equal(cells, 2);
	assert_true(edit_get_number(n, "#size-cells", &cells));
	assert_int_equal(cells, 2);
	assert_non_null(edit_get(n, "ranges").ptr);
}

static int other_cells(struct edit *e)
{
	return edit_set_u32(e, edit_find(e, "/reserved-memory"), "#size-cells", 1, NULL);
}

static void avoided_memory_needs_our_cells(void **state)
{
	struct load *l = *state;
	struct err err = ERR_INIT;

	change(&l->m.fdt, other_cells);
	assert_int_equal(ranges_add(&l->b.avoid, (struct range){0x50000000, 0x50001000}), 0);
	assert_int_equal(sized(l, &arm64_like, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "/reserved-memory: #size-cells"));
}

static int count_calls(struct boot *b, struct edit *e, bool placed, struct err *err)
{
	uint64_t at = boot_find(b, SEG_INITRD)->place.at;

	assert_int_equal(placed, at != 0);
	return edit_set_u64(e, e->root, "mine", at, err);
}

static void cpu_has_the_last_word(void **state)
{
	static const struct dtb_rules rules = {.more = count_calls};
	struct load *l = *state;
	uint64_t v = 0;

	filled(l, &rules);
	assert_true(edit_get_number(l->e.root, "mine", &v));
	assert_int_equal(v, 0x900000000);
}

static void grown_line_must_fit(void **state)
{
	struct load *l = *state;
	struct err err = ERR_INIT;

	assert_int_equal(sized(l, &arm64_like, NULL), 0);
	struct boot_piece *p = boot_add(&l->b, SEG_DTB, "device tree");

	p->place.size = l->size;
	for (int i = 0; i < DTB_SLACK / 8; i++)
		buf_puts(&l->plan.cmdline, " longer.");
	assert_int_equal(boot_dtb_fill(&l->b, &arm64_like, &err), 0);
	buf_puts(&l->plan.cmdline, " more");
	buf_done(&p->data);
	assert_int_equal(boot_dtb_fill(&l->b, &arm64_like, &err), -ENOSPC);
	assert_null(p->data.ptr);
}

static void without_any_tree(void **state)
{
	struct load *l = *state;
	struct err err = ERR_INIT;

	buf_done(&l->m.fdt);
	assert_int_equal(sized(l, &arm64_like, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "'--dtb'"));
}

static int psci_method(struct edit *e, const char *method)
{
	struct edit_node *n;

	assert_int_equal(edit_make(e, "/psci", &n, NULL), 0);
	assert_int_equal(edit_set_text(e, n, "method", method, NULL), 0);
	return (int)dtb_psci(e);
}

static void firmware_is_called_as_the_tree_says(void **state)
{
	struct load *l = *state;
	struct edit e;

	assert_int_equal(boot_dtb_base(&l->b, &e, NULL), 0);
	assert_int_equal(dtb_psci(&e), PSCI_NONE);
	assert_int_equal(psci_method(&e, "hvc"), PSCI_HVC);
	assert_int_equal(psci_method(&e, "smc"), PSCI_SMC);
	assert_int_equal(psci_method(&e, "smcc"), PSCI_NONE);
	edit_remove(edit_find(&e, "/cpus"));
	assert_int_equal(dtb_psci(&e), PSCI_UNKNOWN);
	edit_done(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOAD_TEST(next_kernel_is_told),
		LOAD_TEST(stale_things_go),
		LOAD_TEST(seed_not_wiped),
		LOAD_TEST(capture_kernel_is_told),
		LOAD_TEST(capture_kernel_by_its_line),
		LOAD_TEST(blob_is_reserved_where_it_is),
		LOAD_TEST(avoided_memory_is_reserved),
		LOAD_TEST(many_reservations_are_fast),
		LOAD_TEST(avoided_memory_needs_a_parent),
		LOAD_TEST(avoided_memory_needs_our_cells),
		LOAD_TEST(cpu_has_the_last_word),
		LOAD_TEST(grown_line_must_fit),
		LOAD_TEST(without_any_tree),
		LOAD_TEST(firmware_is_called_as_the_tree_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
