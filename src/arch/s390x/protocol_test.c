/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole loads of a small image: the protocol has no other way in. */
#include "core/unit.h"

#include "../tests/images/s390_make.h"
#include "arch/arch.h"
#include "arch/s390x/handoff.h"
#include "arch/s390x/s390.h"
#include "base/align.h"

#define MIB (1ull << 20)

struct fixture {
	struct machine m;
	struct load_request req;
	struct image image;
	struct plan plan;
	struct boot b;
	struct err err;
	uint8_t *file;
};

/* 1 GiB, of which 192 MiB from 640 MiB on are for a crash kernel. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->m = (struct machine)MACHINE_INIT;
	strcpy(f->m.arch, "s390x");
	assert_int_equal(ranges_add(&f->m.ram, (struct range){0, 640 * MIB}), 0);
	assert_int_equal(ranges_add(&f->m.ram, (struct range){832 * MIB, 1024 * MIB}), 0);
	assert_int_equal(ranges_copy(&f->m.system_ram, &f->m.ram), 0);
	assert_int_equal(ranges_add(&f->m.crash, (struct range){640 * MIB, 832 * MIB}), 0);
	f->file = s390_make();
	assert_int_equal(image_parse(span_of(f->file, S390_MAKE_SIZE), &f->image, NULL), 0);
	f->req.arch = &arch_s390x;
	f->plan = (struct plan)PLAN_INIT;
	assert_int_equal(buf_puts(&f->plan.cmdline, "root=/dev/dasda1 nonce=1"), 0);
	f->b = (struct boot){.m = &f->m,
			     .image = &f->image,
			     .req = &f->req,
			     .initrd = span_of("0707", 4),
			     .plan = &f->plan};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->b.npieces; i++)
		buf_done(&f->b.pieces[i].data);
	plan_done(&f->plan);
	machine_done(&f->m);
	free(f->file);
	free(f);
	return 0;
}

/* As load/ places them: the fixed ones where they want to be, the rest as low as they may. */
static void place(struct boot *b)
{
	uint64_t at = 0;

	for (size_t i = 0; i < b->npieces; i++) {
		struct place *p = &b->pieces[i].place;

		p->size = align_up(p->size, 4096);
		at = at > p->within.start ? at : p->within.start;
		p->at = p->fixed ? p->preferred : at;
		at = p->at + p->size;
	}
	b->purgatory.size = 0x5000;
	b->purgatory.at = b->purgatory.within.start;
}

static int prepare(struct fixture *f)
{
	int r = s390_layout(&f->b, &f->err);

	if (r)
		return r;
	place(&f->b);
	return s390_fill(&f->b, &f->err);
}

/* Of the parameter area of the loaded kernel. */
static uint64_t told(const struct fixture *f, uint32_t at)
{
	return get_be(boot_find(&f->b, SEG_KERNEL)->data.ptr + at - S390_ENTRY, 8);
}

static const char *line(const struct fixture *f)
{
	return (char *)boot_find(&f->b, SEG_KERNEL)->data.ptr + S390_CMDLINE - S390_ENTRY;
}

static void a_jump(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(prepare(f), 0);
	const struct boot_piece *k = boot_find(&f->b, SEG_KERNEL);
	assert_int_equal(k->place.at, 0x10000);
	assert_true(k->place.fixed);
	assert_int_equal(k->place.at + k->place.size, f->image.footprint_unpacking);
	assert_int_equal(k->data.len, S390_MAKE_SIZE - 0x10000);
	assert_int_equal(k->hashed, k->data.len);
	assert_int_equal(told(f, S390_INITRD_START), boot_find(&f->b, SEG_INITRD)->place.at);
	assert_int_equal(told(f, S390_INITRD_SIZE), 4);
	assert_int_equal(told(f, S390_OLDMEM_BASE), 0);
	assert_int_equal(told(f, S390_OLDMEM_SIZE), 0);
	assert_string_equal(line(f), "root=/dev/dasda1 nonce=1");
	assert_int_equal(f->b.handoff.entry, 0x10000);
	assert_int_equal(f->b.handoff.args[S390_ARG_CRASH_SIZE], 0);
	/* The file itself is as it was: it may be loaded again. */
	assert_string_equal((char *)f->file + S390_CMDLINE, "root=/dev/ram0 ro");
	/* relocate_kernel.S: an entry of 31 bits. */
	assert_true(f->b.purgatory.within.end <= 1ull << 31);
}

static void a_crash(void **state)
{
	struct fixture *f = *state;
	const uint64_t *args = f->b.handoff.args, base = 640 * MIB;

	f->b.crash = f->req.crash = true;
	assert_int_equal(prepare(f), 0);
	assert_int_equal(boot_find(&f->b, SEG_KERNEL)->place.at, base + 0x10000);
	assert_int_equal(told(f, S390_OLDMEM_BASE), base);
	assert_int_equal(told(f, S390_OLDMEM_SIZE), 192 * MIB);
	/* As the kernel will see it: after the swap. */
	uint64_t initrd = boot_find(&f->b, SEG_INITRD)->place.at;
	assert_int_equal(told(f, S390_INITRD_START), initrd - base);
	assert_int_equal(f->b.purgatory.within.start, base + 0x2000);
	assert_int_equal(f->b.purgatory.within.end, base + 0x10000);
	assert_int_equal(f->b.handoff.entry, base + 0x10010);
	assert_int_equal(args[S390_ARG_CRASH_BASE], base);
	assert_int_equal(args[S390_ARG_CRASH_SIZE], 192 * MIB);
	assert_int_equal(args[S390_ARG_CRASH_USED], initrd + 0x1000 - base);
	assert_int_equal(args[S390_ARG_OWN_START], base + 0x2000);
	assert_int_equal(args[S390_ARG_OWN_END], base + 0x7000);
	/* No piece may take the page from which the swap ends. */
	for (size_t i = 0; i < f->b.npieces; i++)
		assert_int_equal(f->b.pieces[i].place.within.end, 832 * MIB - 4096);
	/* It makes both by itself. */
	assert_null(boot_find(&f->b, SEG_ELFCOREHDR));
	assert_null(boot_find(&f->b, SEG_BACKUP));
	assert_int_equal(f->plan.added_cmdline.n, 0);
}

/* Exactly what the image has room for, and a byte more; an image of before Linux 5.16. */
static void the_line_has_the_size_that_the_image_says(void **state)
{
	struct fixture *f = *state;
	static const uint64_t sizes[] = {4096, 896};

	for (size_t i = 0; i < 2; i++) {
		f->image.s390.cmdline_max = sizes[i];
		buf_done(&f->plan.cmdline);
		while (f->plan.cmdline.len < sizes[i] - 1)
			assert_int_equal(buf_puts(&f->plan.cmdline, "x"), 0);
		assert_int_equal(prepare(f), 0);
		assert_int_equal(strlen(line(f)), sizes[i] - 1);
		for (size_t k = 0; k < f->b.npieces; k++)
			buf_done(&f->b.pieces[k].data);
		f->b.npieces = 0;
		assert_int_equal(buf_puts(&f->plan.cmdline, "x"), 0);
		assert_int_equal(prepare(f), -EINVAL);
		assert_non_null(strstr(f->err.text, "at most"));
	}
}

/* A shorter line than the one that the image came with leaves nothing of that behind. */
static void nothing_of_the_old_line_is_left(void **state)
{
	struct fixture *f = *state;

	buf_done(&f->plan.cmdline);
	assert_int_equal(prepare(f), 0);
	for (size_t i = 0; i < S390_MAKE_LINE; i++)
		assert_int_equal(line(f)[i], 0);
}

static void refused(struct fixture *f, int r, const char *why)
{
	assert_int_equal(prepare(f), r);
	if (!strstr(f->err.text, why))
		fail_msg("'%s' is not in '%s'", why, f->err.text);
	f->b.npieces = 0;
}

static void what_cannot_work_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(buf_puts(&f->plan.cmdline, " name=\xc3\xa4"), 0);
	refused(f, -EINVAL, "not ASCII, 0xc3 at 30");
	buf_done(&f->plan.cmdline);
	f->req.has_load_address = true;
	refused(f, -EINVAL, "--load-address");
	f->req.has_load_address = false;
	f->req.entry = ENTRY_32;
	refused(f, -ENOTSUP, "32-bit");
	f->req.entry = ENTRY_AUTO;
	f->b.crash = true;
	f->image.s390.kdump = false;
	refused(f, -ENOTSUP, "CONFIG_CRASH_DUMP");
	f->image.s390.kdump = true;
	/* Low memory that ends before the crash region's size, or begins behind 0. */
	f->m.system_ram.v[0].end = 191 * MIB;
	refused(f, -EINVAL, "cannot change places");
	f->m.system_ram.v[0] = (struct range){MIB, 640 * MIB};
	refused(f, -EINVAL, "cannot change places");
	f->m.system_ram.v[0].start = 0;
	f->m.crash.v[0] = (struct range){191 * MIB, 383 * MIB};
	refused(f, -EINVAL, "0xbf00000-0x17efffff");
}

/* 1.5 GB on 16 GiB: it goes where it fits, its size is told in full, and nobody copies it. */
static void avoided_memory_is_a_warning(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ranges_add(&f->b.avoid, (struct range){0x10000000, 0x10001000}), 0);
	f->b.crash = true;
	assert_int_equal(s390_layout(&f->b, &f->err), 0); /* not in its region */
	assert_int_equal(f->plan.warnings.n, 0);
	f->b.npieces = 0;
	f->b.crash = false;
	assert_int_equal(s390_layout(&f->b, &f->err), 0);
	assert_int_equal(f->plan.warnings.n, 1);
	assert_non_null(strstr(f->plan.warnings.v[0], "0x10000000-0x10000fff, but the next"));
	ranges_done(&f->b.avoid);
}

static void a_large_initrd(void **state)
{
	struct fixture *f = *state;
	const uint64_t size = 1500000000;

	f->b.initrd = span_of("0707", size);
	f->m.system_ram.v[1].end = f->m.ram.v[1].end = 16 * 1024 * MIB;
	assert_int_equal(prepare(f), 0);
	const struct boot_piece *p = boot_find(&f->b, SEG_INITRD);
	assert_int_equal(p->place.size, align_up(size, 4096));
	assert_int_equal(p->hashed, size);
	assert_ptr_equal(p->borrowed.ptr, f->b.initrd.ptr);
	assert_int_equal(p->data.len, 0);
	assert_int_equal(p->place.within.end, UINT64_MAX);
	assert_int_equal(told(f, S390_INITRD_SIZE), size);
}

static void an_image_that_hides_its_kernel(void **state)
{
	struct fixture *f = *state;

	f->image.footprint_unpacking = 0;
	assert_int_equal(prepare(f), 0);
	assert_int_equal(f->plan.warnings.n, 1);
	assert_int_equal(boot_find(&f->b, SEG_KERNEL)->place.size, 8 * S390_MAKE_SIZE - 0x10000);
}

static void the_console_is_the_sclp(void **state)
{
	static const struct {
		const char *name;
		bool ours;
	} t[] = {{"", true},      {"ttyS0", true}, {"ttyS1", true},    {"ttysclp0", true},
		 {"tty0", false}, {"hvc0", false}, {"tty3270", false}, {"t", false}};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct handoff h = {0};

		assert_int_equal(
			arch_s390x.console(&f->b, span_of(t[i].name, strlen(t[i].name)), &h),
			t[i].ours);
		assert_int_equal(h.console,
				 t[i].ours ? HANDOFF_CONSOLE_SCLP : HANDOFF_CONSOLE_NONE);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_jump),
		T(a_crash),
		T(the_line_has_the_size_that_the_image_says),
		T(nothing_of_the_old_line_is_left),
		T(what_cannot_work_is_refused),
		T(avoided_memory_is_a_warning),
		T(a_large_initrd),
		T(an_image_that_hides_its_kernel),
		T(the_console_is_the_sclp),
	};

	return cmocka_run_group_tests_name("s390x protocol", tests, NULL, NULL);
}
