/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "plan/plan.h"

enum { MIB = 1 << 20 };

static uint8_t header64[64] = {0x7f, 'E', 'L', 'F', 2, 1, [56] = 3};

/* A sound crash plan; each test then breaks one thing. */
static struct plan sound(struct plan_segment s[4])
{
	struct plan p = PLAN_INIT;

	s[0] = (struct plan_segment){SEG_ELFCOREHDR, 0x10000000, 0x1000,
				     {header64, 64}, 0x1000,     ""};
	s[1] = (struct plan_segment){SEG_PURGATORY, 0x10001000, 0x4000, {header64, 64}, 0, ""};
	s[2] = (struct plan_segment){SEG_KERNEL, 0x11000000, 16 * MIB, {header64, 64}, 64, ""};
	s[3] = (struct plan_segment){SEG_INITRD, 0x12000000, 32 * MIB, {header64, 64}, 64, ""};
	p.crash = true;
	p.entry = 0x10001100;
	p.kernel_entry = 0x11000200;
	p.segments.v = s;
	p.segments.n = 4;
	return p;
}

static const struct plan_limits sound_limits = {.page_size = 4096,
						.mem_total = 1024 * (uint64_t)MIB,
						.dest_limit = UINT64_MAX,
						.max_segments = 16};

enum broken {
	NOTHING,
	START_OFF_PAGE,
	SIZE_OFF_PAGE,
	LARGE_PAGES,
	EMPTY,
	DATA_TOO_LONG,
	DIGEST_TOO_LONG,
	OVERLAP,
	SAME_PLACE,
	WRAPS,
	ABOVE_LIMIT,
	AT_LIMIT,
	OUTSIDE,
	ACROSS_A_HOLE,
	ONE_OVER_HALF,
	SUM_OVER_HALF,
	ONE_IS_HALF,
	SUM_IS_HALF,
	HALF_UNKNOWN,
	ENTRY_OUTSIDE,
	ENTRY_BEHIND,
	KERNEL_ENTRY_OUTSIDE,
	TOO_MANY,
	NONE,
	PHNUM,
	HEADER_CUT,
};

/* What is wrong with a segment by itself, or with two of them. */
static void break_segment(enum broken what, struct plan_segment *s)
{
	switch (what) {
	case START_OFF_PAGE:
		s[1].mem += 0x800;
		break;
	case SIZE_OFF_PAGE:
		s[1].memsz -= 0x800;
		break;
	case EMPTY:
		s[1].memsz = 0, s[1].data.len = 0;
		break;
	case DATA_TOO_LONG:
		s[1].data.len = 0x4001;
		break;
	case DIGEST_TOO_LONG:
		s[0].hashed = 0x1001;
		break;
	case OVERLAP:
		s[2].mem += 1 * MIB;
		break;
	case SAME_PLACE:
		s[0].mem = s[1].mem;
		break;
	case WRAPS:
		s[3].mem = UINT64_MAX - 0xfff;
		break;
	case PHNUM:
		header64[56] = header64[57] = 0xff;
		break;
	case HEADER_CUT:
		s[0].data.len = 57;
		break;
	default:
		break;
	}
}

static void break_it(enum broken what, struct plan *p, struct plan_limits *lim,
		     struct range_list *ram)
{
	switch (what) {
	case LARGE_PAGES:
		lim->page_size = 65536;
		break;
	case ABOVE_LIMIT:
		lim->dest_limit = 0x13fffffe;
		break;
	case AT_LIMIT:
		lim->dest_limit = 0x13ffffff;
		break;
	case OUTSIDE:
		ram->v[0].end -= 0x1000;
		break;
	case ACROSS_A_HOLE:
		ram->v[1] = (struct range){0x11801000, 0x14000000};
		ram->v[0].end = 0x11800000;
		break;
	case ONE_OVER_HALF:
		lim->mem_total = 64 * MIB - 4096;
		break;
	case SUM_OVER_HALF:
		lim->mem_total = 2 * (48 * MIB + 0x5000) - 1;
		break;
	case ONE_IS_HALF:
		lim->mem_total = 64 * MIB;
		break;
	case SUM_IS_HALF:
		lim->mem_total = 2 * (48 * MIB + 0x5000);
		break;
	case HALF_UNKNOWN:
		lim->mem_total = 0;
		break;
	case ENTRY_OUTSIDE:
		p->entry = 0;
		break;
	case ENTRY_BEHIND:
		p->entry = 0x10005000;
		break;
	case KERNEL_ENTRY_OUTSIDE:
		p->kernel_entry = 0x10ffffff;
		break;
	case TOO_MANY:
		lim->max_segments = 3;
		break;
	case NONE:
		p->segments.n = 0;
		break;
	default:
		break_segment(what, p->segments.v);
	}
}

static const struct {
	enum broken what;
	const char *text; /* NULL = sound */
} rules[] = {
	{NOTHING, NULL},
	{AT_LIMIT, NULL},
	{HALF_UNKNOWN, NULL},
	{SUM_IS_HALF, NULL},
	{START_OFF_PAGE, "purgatory at 0x10001800 with 0x4000 bytes is not made of whole pages"},
	{SIZE_OFF_PAGE, "purgatory at 0x10001000 with 0x3800 bytes is not made of whole pages"},
	{LARGE_PAGES, "elfcorehdr at 0x10000000 with 0x1000 bytes is not made of whole pages"},
	{EMPTY, "purgatory at 0x10001000 has no memory"},
	{DATA_TOO_LONG, "purgatory at 0x10001000 holds more bytes than its 0x4000 of memory"},
	{DIGEST_TOO_LONG, "elfcorehdr at 0x10000000 holds more bytes than its 0x1000 of memory"},
	{OVERLAP, "initrd at 0x12000000 overlaps kernel at 0x11100000"},
	{SAME_PLACE, "purgatory at 0x10001000 overlaps elfcorehdr at 0x10001000"},
	{WRAPS, "initrd at 0xfffffffffffff000 with 0x2000000 bytes ends above "
		"0xffffffffffffffff, the last address of this CPU"},
	{ABOVE_LIMIT, "initrd at 0x12000000 with 0x2000000 bytes ends above 0x13fffffe, the last "
		      "address of this CPU"},
	{OUTSIDE, "initrd at 0x12000000 with 0x2000000 bytes is not in the crash kernel region"},
	{ACROSS_A_HOLE,
	 "kernel at 0x11000000 with 0x1000000 bytes is not in the crash kernel region"},
	{ONE_OVER_HALF, "initrd needs 0x2000000 bytes, more than half of the memory (0x3fff000)"},
	{SUM_OVER_HALF, "4 segments up to initrd need more than half of the memory (0x6009fff)"},
	{ONE_IS_HALF, "4 segments up to initrd need more than half of the memory (0x4000000)"},
	{ENTRY_OUTSIDE, "the entry 0x0 lies in no segment"},
	{ENTRY_BEHIND, "the entry 0x10005000 lies in no segment"},
	{KERNEL_ENTRY_OUTSIDE, "the kernel's entry 0x10ffffff lies in no segment"},
	{TOO_MANY, "4 segments: the kernel takes 3"},
	{NONE, "the plan has no segments"},
	{PHNUM, "elfcorehdr has 65,535 program headers or more: the kernel takes e_phnum "
		"literally"},
	{HEADER_CUT, "elfcorehdr is too short for a crash header"},
};

static void every_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct range ranges[] = {{0x10000000, 0x14000000}, {0x20000000, 0x21000000}};
		struct range_list ram = {ranges, 2, 2};
		struct plan_limits lim = sound_limits;
		struct plan_segment s[4];
		struct plan p = sound(s);
		struct err err = ERR_INIT;

		break_it(rules[i].what, &p, &lim, &ram);
		int r = plan_validate(&p, &lim, &ram, &err);

		if (rules[i].text)
			assert_string_equal(err.text, rules[i].text);
		assert_int_equal(r, rules[i].text ? -EINVAL : 0);
		header64[56] = 3;
		header64[57] = 0;
	}
}

static void a_normal_load_says_memory(void **state)
{
	(void)state;
	struct range_list none = {0};
	struct plan_segment s[4];
	struct plan p = sound(s);
	struct err err = ERR_INIT;

	p.crash = false;
	assert_int_equal(plan_validate(&p, &sound_limits, &none, &err), -EINVAL);
	assert_non_null(strstr(err.text, "is not in usable memory"));
}

static void file_loads_have_no_places(void **state)
{
	(void)state;
	struct plan_segment s[] = {{.kind = SEG_KERNEL}, {.kind = SEG_INITRD}, {.kind = SEG_DTB}};
	struct range_list none = {0};
	struct plan p = {.syscall = PLAN_FILE};

	p.segments.v = s;
	p.segments.n = 2;
	assert_int_equal(plan_validate(&p, &sound_limits, &none, NULL), 0);
	p.segments.n = 3;
	assert_int_equal(plan_validate(&p, &sound_limits, &none, NULL), -EINVAL);
	p.segments.n = 0;
	assert_int_equal(plan_validate(&p, &sound_limits, &none, NULL), -EINVAL);
	s[1].kind = SEG_KERNEL;
	p.segments.n = 2;
	assert_int_equal(plan_validate(&p, &sound_limits, &none, NULL), -EINVAL);
}

static void plan_owns_and_releases(void **state)
{
	(void)state;
	struct plan p = PLAN_INIT;
	struct buf b = BUF_INIT;
	struct span out;

	assert_int_equal(buf_puts(&b, "bytes"), 0);
	assert_int_equal(plan_own(&p, &b, &out), 0);
	assert_null(b.ptr);
	assert_int_equal(out.len, 5);
	assert_memory_equal(out.ptr, "bytes", 5);
	assert_int_equal(plan_warn(&p, "%d of %s", 2, "them"), 0);
	assert_string_equal(p.warnings.v[0], "2 of them");
	assert_string_equal(segment_kind_name(SEG_MULTIBOOT_INFO), "multiboot_info");
	plan_done(&p);
	assert_int_equal(p.warnings.n, 0);
	plan_done(&p);
	plan_done(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule),
		cmocka_unit_test(a_normal_load_says_memory),
		cmocka_unit_test(file_loads_have_no_places),
		cmocka_unit_test(plan_owns_and_releases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
