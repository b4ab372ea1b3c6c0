/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "crash/elfcorehdr.h"
#include "elf/reader.h"

static const struct crash_traits x86_64 = {.elf_machine = EM_X86_64};
static const struct crash_traits arm32 = {.elf_machine = EM_ARM, .elf32 = true};
static const struct crash_traits s390 = {.elf_machine = EM_S390, .big = true};

enum { MAX_PARTS = 8 };

/* What one PT_LOAD must say; a table ends at size 0. */
struct part {
	uint64_t paddr, size, offset;
};

struct shape {
	const char *name;
	struct range ram[4]; /* ends at an empty one */
	struct range backup;
	uint64_t backup_at;
	struct part want[MAX_PARTS];
};

static const struct shape shapes[] = {
	{"one range", {{0x1000, 0x9000}}, {0, 0}, 0, {{0x1000, 0x8000, 0x1000}}},
	{"two ranges",
	 {{0x1000, 0x3000}, {0x4000, 0x5000}},
	 {0, 0},
	 0,
	 {{0x1000, 0x2000, 0x1000}, {0x4000, 0x1000, 0x4000}}},
	{"backup at the start",
	 {{0, 0x100000}},
	 {0, 0xa0000},
	 0x7000000,
	 {{0, 0xa0000, 0x7000000}, {0xa0000, 0x60000, 0xa0000}}},
	{"backup in the middle",
	 {{0x1000, 0x200000}},
	 {0x3000, 0x5000},
	 0x7000000,
	 {{0x1000, 0x2000, 0x1000}, {0x3000, 0x2000, 0x7000000}, {0x5000, 0x1fb000, 0x5000}}},
	{"backup at the end",
	 {{0x1000, 0xa0000}},
	 {0x50000, 0xa0000},
	 0x7000000,
	 {{0x1000, 0x4f000, 0x1000}, {0x50000, 0x50000, 0x7000000}}},
	{"backup is the range",
	 {{0x1000, 0xa0000}},
	 {0x1000, 0xa0000},
	 0x7000000,
	 {{0x1000, 0x9f000, 0x7000000}}},
	{"backup larger than the range",
	 {{0x1000, 0x9fc00}, {0x100000, 0x200000}},
	 {0, 0xa0000},
	 0x7000000,
	 {{0x1000, 0x9ec00, 0x7001000}, {0x100000, 0x100000, 0x100000}}},
	{"backup across two ranges",
	 {{0, 0x50000}, {0x60000, 0x200000}},
	 {0x1000, 0xa0000},
	 0x7000000,
	 {{0, 0x1000, 0},
	  {0x1000, 0x4f000, 0x7000000},
	  {0x60000, 0x40000, 0x705f000},
	  {0xa0000, 0x160000, 0xa0000}}},
	{"backup of no RAM",
	 {{0x100000, 0x200000}},
	 {0, 0xa0000},
	 0x7000000,
	 {{0x100000, 0x100000, 0x100000}}},
};

static size_t ranges_in(const struct range *r)
{
	size_t n = 0;

	while (n < 4 && !range_empty(r[n]))
		n++;
	return n;
}

/* Check @b against @s; headers of notes and of the text come first and are skipped. */
static void compare(const struct shape *s, struct buf *b, bool elf32, uint64_t linear)
{
	struct err err = ERR_INIT;
	struct elf e;
	unsigned n = 0;

	assert_int_equal(elf_parse(buf_span(b), &e, &err), 0);
	assert_int_equal(e.type, ET_CORE);
	assert_int_equal(e.phoff, elf_ehdr_size(&e));
	assert_int_equal(b->len, e.phoff + (uint64_t)e.phnum * elf_phdr_size(&e));
	for (uint32_t i = 0; i < e.phnum; i++) {
		struct elf_phdr p = elf_phdr_at(&e, buf_span(b), i);

		assert_int_equal(p.type, PT_LOAD);
		assert_int_equal(p.paddr, s->want[n].paddr);
		assert_int_equal(p.memsz, s->want[n].size);
		assert_int_equal(p.filesz, s->want[n].size);
		assert_int_equal(p.offset, s->want[n].offset);
		assert_int_equal(p.vaddr, elf32 ? (uint32_t)(p.paddr + linear) : p.paddr + linear);
		assert_int_equal(p.flags, PF_R | PF_W | PF_X);
		n++;
	}
	assert_int_equal(s->want[n].size, 0);
}

static void shapes_of_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const struct shape *s = &shapes[i];

		for (unsigned kind = 0; kind < 4; kind++) {
			struct crash_traits t = {.elf_machine = EM_X86_64,
						 .elf32 = kind & 1,
						 .big = kind & 2};
			uint64_t linear = t.elf32 ? 0xc0000000 : 0xffff888000000000;
			struct crash_input in = {
				.ram = {(struct range *)s->ram, ranges_in(s->ram), 4},
				.has_linear = true,
				.linear_offset = linear,
				.backup = s->backup,
				.backup_at = s->backup_at};
			struct err err = ERR_INIT;
			struct buf b = BUF_INIT;

			print_message("%s, kind %u\n", s->name, kind);
			assert_int_equal(elfcorehdr_build(&t, &in, &b, &err), 0);
			compare(s, &b, t.elf32, linear);
			buf_done(&b);
		}
	}
}

/* fs/proc/vmcore.c, process_ptload_program_headers_elf64: where each PT_LOAD will lie in
 * /proc/vmcore. */
static uint64_t vmcore_offset(uint64_t *next, const struct elf_phdr *p)
{
	uint64_t start = p->offset & ~0xfffull, end = (p->offset + p->memsz + 0xfff) & ~0xfffull;
	uint64_t at = *next + (p->offset - start);

	*next += end - start;
	return at;
}

/*
 * The facts of a QEMU q35 guest of 1 GiB and the header that its /proc/vmcore showed in the capture
 * kernel (loaded by kexec-tools 2.0.25 under Linux 6.1): ours must lead to the same.
 */
static void same_as_a_captured_machine(void **state)
{
	(void)state;
	struct range ram[] = {{0x1000, 0x9fc00}, {0x100000, 0x3ffdf000}};
	struct range crash[] = {{0x33000000, 0x3f000000}};
	struct range_list all = {ram, 2, 2}, out = {crash, 1, 1};
	struct cpu_note notes[] = {{0, 0x31e39400, 368}, {3, 0x31e79400, 368}};
	struct crash_input in = {.notes = notes,
				 .nnotes = 2,
				 .vmcoreinfo = {0x2700000, 0x2701024},
				 .has_linear = true,
				 .linear_offset = 0xff2efd1440000000,
				 .text = {0x2be00000, 0x2e630000},
				 .text_va = 0xffffffffb1a00000};
	static const struct elf_phdr want[] = {
		{PT_LOAD, 7, 0x2000, 0xffffffffb1a00000, 0x2be00000, 0x2830000, 0x2830000, 0},
		{PT_LOAD, 7, 0x2832000, 0xff2efd1440001000, 0x1000, 0x9ec00, 0x9ec00, 0},
		{PT_LOAD, 7, 0x28d1000, 0xff2efd1440100000, 0x100000, 0x32f00000, 0x32f00000, 0},
		{PT_LOAD, 7, 0x357d1000, 0xff2efd147f000000, 0x3f000000, 0xfdf000, 0xfdf000, 0},
	};
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT;
	uint64_t next = 0x2000;
	struct elf e;

	assert_int_equal(ranges_subtract(&in.ram, &all, &out), 0);
	assert_int_equal(elfcorehdr_build(&x86_64, &in, &b, &err), 0);
	assert_int_equal(elf_parse(buf_span(&b), &e, &err), 0);
	assert_int_equal(e.machine, EM_X86_64);
	assert_int_equal(e.phnum, 7);
	for (uint32_t i = 0; i < 3; i++) {
		struct elf_phdr p = elf_phdr_at(&e, buf_span(&b), i);

		assert_int_equal(p.type, PT_NOTE);
		assert_int_equal(p.offset, i < 2 ? notes[i].addr : 0x2700000);
		assert_int_equal(p.paddr, p.offset);
		assert_int_equal(p.memsz, i < 2 ? 368 : 0x1024);
	}
	for (uint32_t i = 0; i < 4; i++) {
		struct elf_phdr p = elf_phdr_at(&e, buf_span(&b), i + 3);

		p.offset = vmcore_offset(&next, &p);
		assert_memory_equal(&p, &want[i], sizeof(p));
	}
	ranges_done(&in.ram);
	buf_done(&b);
}

static void size_does_not_depend_on_the_backup_place(void **state)
{
	(void)state;
	struct range ram[] = {{0x1000, 0x9fc00}, {0x100000, 0x3ffdf000}};
	struct crash_input in = {.ram = {ram, 2, 2}, .backup = {0, 0xa0000}};
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(elfcorehdr_build(&x86_64, &in, &a, &err), 0);
	in.backup_at = 0x12345678000;
	assert_int_equal(elfcorehdr_build(&x86_64, &in, &b, &err), 0);
	assert_int_equal(a.len, b.len);
	buf_done(&a);
	buf_done(&b);
}

/* 65,534 headers are the most that e_phnum can say; one more is refused with its number. */
static void too_many_headers_are_counted(void **state)
{
	(void)state;
	enum { LIMIT = 65534 };
	struct cpu_note note = {0, 0x5000, 368};
	struct crash_input in = {.notes = &note, .nnotes = 1};
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT;
	struct elf e;

	for (uint64_t i = 0; i < LIMIT - 1; i++)
		assert_int_equal(ranges_add(&in.ram, (struct range){i << 13, (i << 13) + 4096}), 0);
	assert_int_equal(elfcorehdr_build(&s390, &in, &b, &err), 0);
	assert_int_equal(elf_parse(buf_span(&b), &e, &err), 0);
	assert_int_equal(e.phnum, LIMIT);
	assert_true(e.big);
	buf_done(&b);

	assert_int_equal(ranges_add(&in.ram, (struct range){1ull << 40, 1ull << 41}), 0);
	assert_int_equal(elfcorehdr_build(&s390, &in, &b, &err), -EOVERFLOW);
	assert_non_null(strstr(err.text, "65535"));
	assert_null(b.ptr);
	ranges_done(&in.ram);
}

static void elf32_holds_the_first_4g_only(void **state)
{
	(void)state;
	struct range ram[] = {{0x80000000, 0x100000000}, {0x880000000, 0x890000000}};
	struct crash_input in = {
		.ram = {ram, 1, 1}, .has_linear = true, .linear_offset = 0x40000000};
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT;
	struct elf e;

	assert_int_equal(elfcorehdr_build(&arm32, &in, &b, &err), 0);
	assert_int_equal(elf_parse(buf_span(&b), &e, &err), 0);
	/* The linear map would run past 4 GiB: highmem, no address. */
	assert_int_equal(elf_phdr_at(&e, buf_span(&b), 0).vaddr, 0xffffffff);
	buf_done(&b);
	in.ram.n = 2;
	assert_int_equal(elfcorehdr_build(&arm32, &in, &b, &err), -ERANGE);
	assert_non_null(strstr(err.text, "0x880000000"));
	in.ram.n = 1;
	in.backup = (struct range){0x80000000, 0x80001000};
	in.backup_at = 1ull << 32;
	assert_int_equal(elfcorehdr_build(&arm32, &in, &b, &err), -ERANGE);
}

static void without_a_linear_map(void **state)
{
	(void)state;
	struct range ram[] = {{0x80000000, 0x90000000}};
	struct crash_input in = {.ram = {ram, 1, 1}};
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT;
	struct elf e;

	assert_int_equal(elfcorehdr_build(&s390, &in, &b, &err), 0);
	assert_int_equal(elf_parse(buf_span(&b), &e, &err), 0);
	assert_int_equal(elf_phdr_at(&e, buf_span(&b), 0).vaddr, UINT64_MAX);
	buf_done(&b);
	in.ram.n = 0;
	assert_int_equal(elfcorehdr_build(&s390, &in, &b, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_of_memory),
		cmocka_unit_test(same_as_a_captured_machine),
		cmocka_unit_test(size_does_not_depend_on_the_backup_place),
		cmocka_unit_test(too_many_headers_are_counted),
		cmocka_unit_test(elf32_holds_the_first_4g_only),
		cmocka_unit_test(without_a_linear_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
