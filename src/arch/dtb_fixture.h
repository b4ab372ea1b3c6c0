/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A load with a device tree, for tests. */
#pragma once
#include "core/unit.h"

#include "arch/dtb.h"
#include "fdt/tree_fixture.h"

#define INITRD_LEN 0x1234

/* One load of a machine whose tree is that of fdt/tree_fixture.h; a test changes what it likes. */
struct load {
	struct fixture_tree f;
	struct machine m;
	struct load_request req;
	struct plan plan;
	struct boot b;
	struct buf user; /* becomes req.dtb */
	uint64_t size;
	struct span out; /* the finished blob */
	struct edit e;   /* what it says */
};

static const struct dtb_rules arm64_like = {.elfcorehdr = true, .usable_range = true};

static inline void set_tree(struct buf *to, struct span blob)
{
	to->len = 0;
	assert_int_equal(buf_add(to, blob.ptr, blob.len), 0);
}

static inline int setup(void **state)
{
	struct load *l = calloc(1, sizeof(*l));

	l->m = (struct machine)MACHINE_INIT;
	l->plan = (struct plan)PLAN_INIT;
	set_tree(&l->m.fdt, fixture_tree(&l->f));
	buf_puts(&l->plan.cmdline, "root=/dev/vda1");
	l->req.dtb_path = "my.dtb";
	l->b = (struct boot){.m = &l->m, .req = &l->req, .plan = &l->plan};
	l->b.initrd = span_of(l, INITRD_LEN);
	l->b.purgatory = (struct place){.what = "purgatory", .size = 0x8000, .align = 0x1000};
	struct boot_piece *p = boot_add(&l->b, SEG_INITRD, "initrd");

	p->place.size = 0x2000;
	*state = l;
	return 0;
}

static inline int teardown(void **state)
{
	struct load *l = *state;

	edit_done(&l->e);
	for (size_t i = 0; i < l->b.npieces; i++)
		buf_done(&l->b.pieces[i].data);
	plan_done(&l->plan);
	machine_done(&l->m);
	ranges_done(&l->b.avoid);
	buf_done(&l->user);
	free(l);
	return 0;
}

static inline int sized(struct load *l, const struct dtb_rules *rules, struct err *err)
{
	l->req.dtb = buf_span(&l->user);
	return boot_dtb_size(&l->b, rules, &l->size, err);
}

/* The whole way; places are as the planner would have them. */
static inline void filled(struct load *l, const struct dtb_rules *rules)
{
	struct err err = ERR_INIT;
	struct tree t;

	assert_int_equal(sized(l, rules, &err), 0);
	struct boot_piece *p = boot_add(&l->b, SEG_DTB, "device tree");

	p->place.size = l->size;
	p->place.at = 0x47000000;
	boot_find(&l->b, SEG_INITRD)->place.at = 0x900000000;
	if (boot_find(&l->b, SEG_ELFCOREHDR))
		boot_find(&l->b, SEG_ELFCOREHDR)->place.at = 0x6ff00000;
	assert_int_equal(boot_dtb_fill(&l->b, rules, &err), 0);
	assert_int_equal(p->hashed, p->place.size);
	assert_int_equal(p->data.len + DTB_SLACK, l->size);
	l->out = buf_span(&p->data);
	assert_int_equal(tree_open(l->out, &t, NULL), 0);
	assert_int_equal(edit_open(&t, &l->e, NULL), 0);
}

static inline struct tree_chosen chosen(const struct load *l)
{
	struct tree t = {l->out};
	struct tree_chosen c;

	assert_int_equal(tree_chosen(&t, &c, NULL), 0);
	return c;
}

static inline struct edit_node *node(const struct load *l, const char *path)
{
	struct edit_node *n = edit_find(&l->e, path);

	assert_non_null(n);
	return n;
}

static inline bool reserves(const struct load *l, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < l->e.reserved.n; i++)
		if (l->e.reserved.v[i].start == start && l->e.reserved.v[i].end == end)
			return true;
	return false;
}

static inline bool warns(const struct load *l, const char *text)
{
	for (size_t i = 0; i < l->plan.warnings.n; i++)
		if (strstr(l->plan.warnings.v[i], text))
			return true;
	return false;
}

/* The machine's tree with a line of the test's own making. */
static inline void change(struct buf *blob, int (*how)(struct edit *e))
{
	struct tree t;
	struct edit e;
	struct buf out = BUF_INIT;

	assert_int_equal(tree_open(buf_span(blob), &t, NULL), 0);
	assert_int_equal(edit_open(&t, &e, NULL), 0);
	assert_int_equal(how(&e), 0);
	assert_int_equal(edit_write(&e, 0, &out, NULL), 0);
	edit_done(&e);
	set_tree(blob, buf_span(&out));
	buf_done(&out);
}

#define LOAD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
