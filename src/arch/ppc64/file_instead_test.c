/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kexec_file_load gets on a big-endian machine. That it runs: the guests'
 * ppc64-mini-crash-file. */
#include "core/unit.h"

#include "arch/ppc64/ppc64.h"
#include "base/put.h"
#include "elf/reader.h"
#include "load/kernels_fixture.h"

#define FRONT 0x10000u

struct fixture {
	uint8_t kernel[FILE_LEN];
	struct image image;
	struct load_request req;
	struct plan plan;
	struct boot b;
	struct buf made;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	make_ppc64(f->kernel);
	memset(f->kernel + 0x1060, 0x5a, 0xa0); /* code of the other CPUs */
	assert_int_equal(image_parse(span_of(f->kernel, FILE_LEN), &f->image, NULL), 0);
	f->plan = (struct plan)PLAN_INIT;
	f->b = (struct boot){.image = &f->image, .req = &f->req, .crash = true, .plan = &f->plan};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	buf_done(&f->made);
	plan_done(&f->plan);
	free(f);
	return 0;
}

/* As kexec_elf_load() reads it: one segment, wherever its alignment allows. */
static void the_kernel_lies_behind_the_front(void **state)
{
	struct fixture *f = *state;
	const uint8_t *kernel = f->kernel + 0x1000;
	struct elf e;

	assert_int_equal(ppc64_file_instead(&f->b, &f->made, NULL), 0);
	assert_int_equal(elf_parse(buf_span(&f->made), &e, NULL), 0);
	assert_true(e.big && !e.elf32 && e.machine == EM_PPC64 && e.phnum == 1);
	struct elf_phdr p = elf_phdr_at(&e, buf_span(&f->made), 0);
	struct span s = elf_segment(buf_span(&f->made), &p);

	assert_true(p.type == PT_LOAD && p.align == FRONT);
	assert_int_equal(p.memsz, FRONT + UNPACKED);
	assert_int_equal(s.len, FRONT + 0x8000);
	assert_int_equal(get_be(s.ptr + FRONT + VMLINUX_PPC64_RUN_AT_LOAD, 4), 1);
	assert_memory_equal(s.ptr + FRONT, kernel, VMLINUX_PPC64_RUN_AT_LOAD);
	assert_memory_equal(s.ptr + FRONT + 0x60, kernel + 0x60, 0x8000 - 0x60);
}

/* setup_purgatory() takes the other CPUs' code from there; its own branch replaces the first word.
 */
static void the_front_is_the_other_cpus_code(void **state)
{
	struct fixture *f = *state;
	const uint8_t *front;

	assert_int_equal(ppc64_file_instead(&f->b, &f->made, NULL), 0);
	front = f->made.ptr + FRONT;
	assert_int_equal(get_be(front, 4), 0x48000100);
	assert_memory_equal(front + 0x60, f->kernel + 0x1060, 0x100 - 0x60);
	assert_int_equal(get_be(front + 0x100, 4), 0x3c840000 | FRONT >> 16);
	assert_int_equal(get_be(front + 0x104, 4), 0x7c8903a6);
	assert_int_equal(get_be(front + 0x108, 4), 0x4e800420);
}

static void others_go_as_they_are(void **state)
{
	struct fixture *f = *state;

	f->b.crash = false;
	assert_int_equal(ppc64_file_instead(&f->b, &f->made, NULL), 0);
	assert_int_equal(f->made.len, 0);
	assert_null(arch_ppc64le.file_instead);
	assert_non_null(arch_ppc64.file_instead);
}

static void only_one_that_can_stay(void **state)
{
	struct fixture *f = *state;
	struct machine m = {.arch = "ppc64"};
	const char *why;

	assert_true(arch_ppc64.file_load_ok(&m, &f->image, true, &why));
	f->image.vm.run_at_load = false;
	assert_true(arch_ppc64.file_load_ok(&m, &f->image, false, &why));
	assert_false(arch_ppc64.file_load_ok(&m, &f->image, true, &why));
	assert_non_null(strstr(why, "move to 0"));
}

static void one_that_would_lie_wrong(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	f->image.align = 2 * FRONT;
	assert_int_equal(ppc64_file_instead(&f->b, &f->made, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "0x20000"));
}

static void a_kernel_of_no_size(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	f->image.vm.run_at_load = false;
	put_be(f->kernel + 64 + 32, 0xff, 8);
	assert_int_equal(image_parse(span_of(f->kernel, FILE_LEN), &f->image, &err), 0);
	assert_int_equal(ppc64_file_instead(&f->b, &f->made, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "255 bytes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_kernel_lies_behind_the_front, setup, teardown),
		cmocka_unit_test_setup_teardown(the_front_is_the_other_cpus_code, setup, teardown),
		cmocka_unit_test_setup_teardown(others_go_as_they_are, setup, teardown),
		cmocka_unit_test_setup_teardown(only_one_that_can_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_would_lie_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(a_kernel_of_no_size, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
