/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A multiboot kernel of either version, as it is placed, told and entered. */
#include "arch/x86_64/handoff.h"
#include "base/align.h"
#include "image/multiboot_make.h"
#include "load/handoff_decode.h"
#include "load/load_fixture.h"

#define LINE "vmlinuz console=com1 console=hvc0"

static const struct load_module two[] = {
	{{initrd, sizeof(initrd)}, "/boot/vmlinuz root=/dev/sda"},
	{{initrd, 17}, "initrd.gz"},
};

static int plan(struct fixture *f, const struct mb_make *kernel)
{
	f->req.image = span_of(kernel->bytes, sizeof(kernel->bytes));
	f->req.initrd = (struct span){0};
	f->req.append = "console=com1 console=hvc0";
	f->req.modules = two;
	f->req.nmodules = 2;
	return load_plan(&f->m, &f->req, &f->plan, &f->err);
}

static void planned(struct fixture *f, const struct mb_make *kernel)
{
	assert_int_equal(plan(f, kernel), 0);
}

static void refused(struct fixture *f, const struct mb_make *kernel, int r, const char *why)
{
	assert_int_equal(plan(f, kernel), r);
	assert_non_null(strstr(f->err.text, why));
}

static struct mb_make v1(uint32_t flags)
{
	struct mb_make m;

	mb_make_elf(&m);
	mb_make_sum1(&m, flags);
	return m;
}

/* Movable within [@min, @max]. */
static struct mb_make v2(uint32_t min, uint32_t max, uint32_t align, uint32_t preference)
{
	const uint32_t words[] = {min, max, align, preference};
	struct mb_make m;

	mb_make_elf(&m);
	mb_make_tag(&m, MB2_RELOCATABLE, 0, 4, words);
	mb_make_tag(&m, MB2_END, 0, 0, NULL);
	return m;
}

/* NULL: there is none. */
static const struct plan_segment *module(const struct plan *p, uint64_t at)
{
	for (size_t i = 0; i < p->segments.n; i++)
		if (p->segments.v[i].kind == SEG_MODULE && p->segments.v[i].mem == at)
			return &p->segments.v[i];
	return NULL;
}

/* @end: as the kernel is told it. */
static void check_module(const struct fixture *f, unsigned i, uint64_t at, uint64_t end,
			 const char *line)
{
	const struct plan_segment *s = module(&f->plan, at);

	assert_non_null(s);
	assert_int_equal(end - at, two[i].data.len);
	assert_int_equal(s->data.len, two[i].data.len);
	assert_int_equal(s->memsz, align_up(two[i].data.len, 4096));
	assert_int_equal(s->hashed, s->memsz); /* the padding is zeros, and looked at */
	assert_ptr_equal(s->data.ptr, two[i].data.ptr);
	assert_string_equal(line, two[i].line);
}

static void entered(const struct fixture *f, uint64_t entry, uint32_t eax)
{
	struct handoff h;

	assert_non_null(handoff_find(segment(&f->plan, SEG_PURGATORY)->data, false, &h));
	assert_int_equal(h.args[X86_ARG_MODE], X86_MODE_MULTIBOOT);
	assert_int_equal(h.args[X86_ARG_INFO], segment(&f->plan, SEG_MULTIBOOT_INFO)->mem);
	assert_int_equal(h.args[X86_ARG_EAX], eax);
	assert_int_equal(h.entry, entry);
	assert_int_equal(f->plan.kernel_entry, entry);
}

static void check_map(const struct fixture *f, const uint8_t *entry, size_t step)
{
	for (size_t i = 0; i < f->m.firmware.n; i++, entry += step) {
		const struct mem_range *r = &f->m.firmware.v[i];

		assert_int_equal(get_le(entry, 8), r->at.start);
		assert_int_equal(get_le(entry + 8, 8), range_size(r->at));
		assert_int_equal(get_le(entry + 16, 4), r->kind == MEM_RAM ? 1 : 2);
	}
}

static void version_1(void **state)
{
	struct fixture *f = *state;
	const struct mb_make m = v1(MB1_ALIGN_MODULES | MB1_WANTS_MEMORY);

	planned(f, &m);
	const struct plan_segment *k = segment(&f->plan, SEG_KERNEL);
	const struct plan_segment *s = segment(&f->plan, SEG_MULTIBOOT_INFO);
	const uint8_t *p = s->data.ptr;
#define AT(off) (p + (get_le(p + (off), 4) - s->mem))

	assert_int_equal(k->mem, MB_MAKE_LOW);
	assert_int_equal(k->memsz, 0x3000);
	assert_int_equal(k->data.len, 0x1100);
	assert_int_equal(k->hashed, 0x3000); /* its bss is zero because it was loaded so */
	assert_memory_equal(k->data.ptr, m.bytes + MB_MAKE_TEXT, 0x280);
	assert_memory_equal(k->data.ptr + 0x1000, m.bytes + 0x300, 0x100);
	entered(f, MB_MAKE_LOW + 0x10, 0x2badb002);
	assert_int_equal(get_le(p, 4), 0x24d);
	assert_int_equal(get_le(p + 4, 4), 639);
	assert_int_equal(get_le(p + 8, 4), (0x3ffdf000 - MIB) / 1024);
	assert_string_equal((const char *)AT(16), LINE);
	assert_string_equal((const char *)AT(64), "Baton");
	assert_int_equal(get_le(p + 20, 4), 2);
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *e = AT(24) + 16ul * i;

		check_module(f, i, get_le(e, 4), get_le(e + 4, 4),
			     (const char *)p + (get_le(e + 8, 4) - s->mem));
	}
	assert_int_equal(get_le(p + 44, 4), 24 * f->m.firmware.n);
	assert_int_equal(get_le(AT(48), 4), 20);
	check_map(f, AT(48) + 4, 24);
	plan_done(&f->plan);
}

/* The n-th tag of @type in the information; NULL: there are fewer. */
static const uint8_t *tag(const struct plan *p, uint32_t type, unsigned n)
{
	struct span s = segment(p, SEG_MULTIBOOT_INFO)->data;

	assert_int_equal(get_le(s.ptr, 4), s.len);
	for (uint64_t at = 8; at < s.len; at = align_up(at + get_le(s.ptr + at + 4, 4), 8))
		if (get_le(s.ptr + at, 4) == type && !n--)
			return s.ptr + at;
	return NULL;
}

static void version_2(void **state)
{
	struct fixture *f = *state;
	struct mb_make m;

	mb_make_v2(&m);
	planned(f, &m);
	const struct plan_segment *k = segment(&f->plan, SEG_KERNEL);

	/* The highest multiple of 2 MiB with room: RAM ends at 0x3ffdf000. */
	assert_int_equal(k->mem, 0x3fe00000);
	entered(f, k->mem + 0x10, 0x36d76289);
	assert_string_equal((const char *)tag(&f->plan, 1, 0) + 8, LINE);
	assert_string_equal((const char *)tag(&f->plan, 2, 0) + 8, "Baton");
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *t = tag(&f->plan, 3, i);

		assert_int_equal(get_le(t + 4, 4), 17 + strlen(two[i].line));
		check_module(f, i, get_le(t + 8, 4), get_le(t + 12, 4), (const char *)t + 16);
	}
	assert_null(tag(&f->plan, 3, 2));
	assert_int_equal(get_le(tag(&f->plan, 4, 0) + 8, 4), 639);
	assert_int_equal(get_le(tag(&f->plan, 6, 0) + 4, 4), 16 + 24 * f->m.firmware.n);
	check_map(f, tag(&f->plan, 6, 0) + 16, 24);
	assert_int_equal(get_le(tag(&f->plan, 21, 0) + 8, 4), k->mem);
	assert_int_equal(get_le(tag(&f->plan, 0, 0) + 4, 4), 8);
	plan_done(&f->plan);
}

static void it_lies_where_its_tag_says(void **state)
{
	static const struct {
		uint32_t min, max, align, preference;
		uint64_t at;
	} rows[] = {
		/* none: where it was linked; lowest; highest, of bytes that end at max */
		{MIB, UINT32_MAX, 0x1000, 0, MB_MAKE_LOW},
		{0, UINT32_MAX, 0x1000, 1, MIB},
		{0, 0x5002fff, 0x1000, 2, 0x5000000},
		{0, 0x5002ffe, 0x1000, 2, 0x4fff000},
		/* above where it was linked; by more than pages */
		{0x3000001, UINT32_MAX, 1, 0, 0x3001000},
		{0x3000001, UINT32_MAX, 0x800000, 1, 0x3800000},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct mb_make m =
			v2(rows[i].min, rows[i].max, rows[i].align, rows[i].preference);

		planned(f, &m);
		assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem, rows[i].at);
		assert_int_equal(get_le(tag(&f->plan, 21, 0) + 8, 4), rows[i].at);
		assert_int_equal(f->plan.kernel_entry, rows[i].at + 0x10);
		plan_done(&f->plan);
	}
}

/* What is position-independent is linked at 0. */
static void one_that_moves_may_be_linked_low(void **state)
{
	struct fixture *f = *state;
	struct mb_make m = v2(0, UINT32_MAX, 0x1000, 1);

	mb_make_phdr(&m, 0, 0x300, 0x2000, 0x100, 0x2000);
	mb_make_phdr(&m, 1, MB_MAKE_TEXT, 0, 0x280, 0x280);
	put_le(m.bytes + 24, 0x80000010, 4);
	planned(f, &m);
	assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem, MIB);
	plan_done(&f->plan);
}

static void load_address(void **state)
{
	static const struct {
		bool movable;
		uint64_t to;
		const char *why; /* NULL: it goes there */
	} rows[] = {
		{true, 0x4000000, NULL},
		{true, 0x4001000, "a multiple of 0x400000"},
		{true, MIB, "below the kernel's limit 0x200000"},
		{true, 0x40000000, "no place for kernel"},
		{false, MB_MAKE_LOW, NULL},
		{false, 0x4000000, "not relocatable"},
	};
	struct fixture *f = *state;

	f->req.has_load_address = true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct mb_make m =
			rows[i].movable ? v2(0x200000, UINT32_MAX, 0x400000, 2) : v1(0);
		int r;

		f->req.load_address = rows[i].to;
		r = plan(f, &m);
		if (r)
			assert_non_null(strstr(f->err.text, rows[i].why ? rows[i].why : "(none)"));
		else
			assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem, rows[i].to);
		assert_int_equal(!r, !rows[i].why);
		plan_done(&f->plan);
	}
}

/* It is entered, and reads addresses, with 32 bits. */
static void all_lies_below_4_gib(void **state)
{
	struct fixture *f = *state;
	const struct mb_make m = v1(0);

	assert_int_equal(ranges_add(&f->m.ram, (struct range){4096 * MIB, 8192 * MIB}), 0);
	f->req.window = (struct range){512 * MIB, UINT64_MAX};
	refused(f, &m, -ENOSPC, "no place for kernel");
	const struct mb_make high = v2(0, UINT32_MAX, 0x1000, 2);

	planned(f, &high);
	for (size_t i = 0; i < f->plan.segments.n; i++)
		assert_in_range(f->plan.segments.v[i].mem, 512 * MIB, 1024 * MIB);
	plan_done(&f->plan);
	f->req.window.start = 4096 * MIB;
	refused(f, &high, -ENOSPC, "no place for");
}

/* Where a module ends is told, too: at 4 GiB that would be 0. */
static void nothing_ends_at_4_gib(void **state)
{
	static const uint8_t page[4096];
	static const struct load_module one = {{page, sizeof(page)}, "page"};
	struct fixture *f = *state;
	const struct mb_make m = v1(0);

	assert_int_equal(ranges_add(&f->m.ram, (struct range){4080 * MIB, 4096 * MIB}), 0);
	f->req.image = span_of(m.bytes, sizeof(m.bytes));
	f->req.initrd = (struct span){0};
	f->req.modules = &one;
	f->req.nmodules = 1;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_non_null(module(&f->plan, 4096 * MIB - 2 * sizeof(page)));
	plan_done(&f->plan);
}

/* A segment begins on a page, and a kernel that cannot move need not. */
static void a_kernel_in_the_middle_of_a_page(void **state)
{
	struct fixture *f = *state;
	struct mb_make m;

	mb_make_elf(&m);
	mb_make_phdr(&m, 1, MB_MAKE_TEXT, MB_MAKE_LOW + 0x234, 0x280, 0x280);
	put_le(m.bytes + 24, MB_MAKE_LOW + 0x80000240u, 4);
	mb_make_sum1(&m, 0);
	planned(f, &m);
	const struct plan_segment *k = segment(&f->plan, SEG_KERNEL);

	assert_int_equal(k->mem, MB_MAKE_LOW);
	assert_int_equal(k->memsz, 0x3000);
	assert_int_equal(k->data.len, 0x1100);
	assert_memory_equal(k->data.ptr + 0x234, m.bytes + MB_MAKE_TEXT, 0x280);
	assert_int_equal(f->plan.kernel_entry, MB_MAKE_LOW + 0x240);
	plan_done(&f->plan);
	f->req.has_load_address = true;
	f->req.load_address = MB_MAKE_LOW + 0x234;
	planned(f, &m);
	assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem, MB_MAKE_LOW);
	plan_done(&f->plan);
}

/* The kernel's own name, with no blank in it, is the first word; then what the user says. */
static void the_line(void **state)
{
	struct fixture *f = *state;
	const struct mb_make m = v1(0);

	f->req.image_path = "/boot/my xen.gz";
	f->req.reuse_cmdline = true;
	f->m.x86.acpi_rsdp = 0x7fb7e000; /* Linux's word for it is none here */
	planned(f, &m);
	const struct plan_segment *s = segment(&f->plan, SEG_MULTIBOOT_INFO);
	const uint8_t *p = s->data.ptr;

	assert_string_equal((const char *)AT(16),
			    "/boot/my_xen.gz root=/dev/vda1 crashkernel=192M console=com1 "
			    "console=hvc0");
	assert_int_equal(f->plan.added_cmdline.n, 0);
	plan_done(&f->plan);
}

static void what_cannot_be_is_refused(void **state)
{
	static const uint32_t rsdp[] = {14};
	static struct load_module many[14];
	struct fixture *f = *state;
	struct mb_make video = v1(MB1_WANTS_VIDEO), usual = v1(0), low, asks;

	mb_make_elf(&low);
	mb_make_phdr(&low, 1, MB_MAKE_TEXT, 0x8000, 0x280, 0x280);
	put_le(low.bytes + 24, 0x80008010, 4);
	mb_make_sum1(&low, 0);
	mb_make_elf(&asks);
	mb_make_tag(&asks, MB2_INFORMATION, 0, 1, rsdp);
	mb_make_tag(&asks, MB2_END, 0, 0, NULL);
	refused(f, &video, -ENOTSUP, "video mode");
	refused(f, &low, -ENOTSUP, "linked at 0x8000: below 1 MiB");
	refused(f, &asks, -ENOTSUP, "information of type 14");
	f->req.crash = true;
	refused(f, &usual, -ENOTSUP, "cannot be the crash kernel");
	f->req.crash = false;
	f->req.entry = ENTRY_32;
	refused(f, &usual, -ENOTSUP, "one entry");
	f->req.entry = ENTRY_AUTO;
	f->req.image = span_of(usual.bytes, sizeof(usual.bytes));
	f->req.modules = many;
	f->req.nmodules = 14;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "one load has room for 13"));
	f->req.nmodules = 0;
	f->req.initrd = span_of(initrd, sizeof(initrd));
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "takes modules, '--module"));
}

static void linux_takes_no_modules(void **state)
{
	struct fixture *f = *state;

	f->req.modules = two;
	f->req.nmodules = 2;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -EINVAL);
	assert_non_null(
		strstr(f->err.text, "only a multiboot kernel takes modules, not a bzImage"));
}

static void what_a_bios_says(void **state)
{
	struct fixture *f = *state;
	const struct mb_make m = v1(0);

	assert_int_equal(ranges_add(&f->req.avoid, (struct range){64 * MIB, 65 * MIB}), 0);
	planned(f, &m);
	assert_int_equal(f->plan.warnings.n, 1);
	assert_non_null(strstr(f->plan.warnings.v[0], "memory to be avoided"));
	plan_done(&f->plan);
	f->m.x86.efi = true;
	planned(f, &m);
	assert_int_equal(f->plan.warnings.n, 1);
	assert_non_null(strstr(f->plan.warnings.v[0], "'no-real-mode'"));
	plan_done(&f->plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(version_1, setup, teardown),
		cmocka_unit_test_setup_teardown(version_2, setup, teardown),
		cmocka_unit_test_setup_teardown(it_lies_where_its_tag_says, setup, teardown),
		cmocka_unit_test_setup_teardown(load_address, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_moves_may_be_linked_low, setup, teardown),
		cmocka_unit_test_setup_teardown(all_lies_below_4_gib, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_ends_at_4_gib, setup, teardown),
		cmocka_unit_test_setup_teardown(a_kernel_in_the_middle_of_a_page, setup, teardown),
		cmocka_unit_test_setup_teardown(the_line, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(linux_takes_no_modules, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_bios_says, setup, teardown),
	};

	return cmocka_run_group_tests_name("load of multiboot", tests, NULL, NULL);
}
