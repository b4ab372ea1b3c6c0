/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <elf.h>
#include <string.h>

#include "base/put.h"
#include "machine/kcore.h"
#include "machine/va.h"

/* What the writer makes must read back, whole and byte by byte shorter. */
static void fill(struct machine *m, size_t maps)
{
	for (size_t i = 0; i < maps; i++) {
		struct kernel_map k = {0xffff888000000000 + i * 0x10000, i * 0x10000, 0x8000};

		assert_int_equal(vec_push(&m->kcore, k), 0);
	}
	assert_int_equal(buf_puts(&m->vmcoreinfo_text, "OSRELEASE=6.1.0\nPAGESIZE=4096\n"), 0);
}

static void check_round_trip(size_t maps)
{
	struct machine a = MACHINE_INIT, b = MACHINE_INIT;
	struct err err = ERR_INIT;
	struct buf file = BUF_INIT;
	uint64_t need = 0;

	fill(&a, maps);
	assert_int_equal(kcore_write(&a, &file), 0);
	assert_int_equal(kcore_need(buf_span(&file), &need, &err), 0);
	assert_true(need <= file.len);
	assert_int_equal(kcore_facts(buf_span(&file), &b, &err), 0);
	assert_int_equal(b.kcore.n, maps);
	if (maps)
		assert_memory_equal(a.kcore.v, b.kcore.v, maps * sizeof(*a.kcore.v));
	assert_string_equal(buf_str(&b.vmcoreinfo_text), buf_str(&a.vmcoreinfo_text));
	machine_done(&a);
	machine_done(&b);
	buf_done(&file);
}

static void the_writer_reads_back(void **state)
{
	(void)state;
	check_round_trip(0);
	check_round_trip(3);
	check_round_trip(70000); /* more than e_phnum can count */
}

/*
 * A reader that gives as much as was asked for gets there in a few steps, and never asks for
 * memory.
 */
static void needs_grow_step_by_step(void **state)
{
	(void)state;
	struct machine m = MACHINE_INIT;
	struct err err = ERR_INIT;
	struct buf file = BUF_INIT;
	uint64_t need = 0, given = 0;
	unsigned steps = 0;

	fill(&m, 70000);
	assert_int_equal(kcore_write(&m, &file), 0);
	for (;; steps++) {
		assert_int_equal(kcore_need(span_sub(buf_span(&file), 0, given), &need, &err), 0);
		if (need <= given)
			break;
		given = need;
	}
	assert_int_equal(given, file.len);
	assert_int_equal(steps, 4); /* header, section header 0, program headers, notes */
	machine_done(&m);
	buf_done(&file);
}

/* An ELF32 big-endian core: one PT_NOTE with two notes, one PT_LOAD, one of unknown place. */
static void make_elf32(uint8_t *f)
{
	static const char note[] = "SYMBOL(_stext)=c0008000\n";
	uint8_t *p = f + 52, *n = f + 148;

	memcpy(f, "\177ELF\1\2\1", 7);
	put_be(f + 16, ET_CORE, 2);
	put_be(f + 28, 52, 4);
	put_be(f + 42, 32, 2);
	put_be(f + 44, 3, 2);
	put_be(p, PT_NOTE, 4);
	put_be(p + 4, 148, 4);
	put_be(p + 16, 12 + 8 + 4 + 12 + 12 + sizeof(note) - 1, 4);
	put_be(p + 32, PT_LOAD, 4);
	put_be(p + 40, 0xc0000000, 4);
	put_be(p + 44, 0x40000000, 4);
	put_be(p + 52, 0x30000000, 4);
	put_be(p + 64, PT_LOAD, 4);
	put_be(p + 72, 0xf0000000, 4);
	put_be(p + 76, 0xffffffff, 4);
	put_be(p + 84, 0x1000, 4);
	put_be(n, 5, 4);
	put_be(n + 4, 3, 4);
	memcpy(n + 12, "CORE", 5);
	n += 12 + 8 + 4;
	put_be(n, 11, 4);
	put_be(n + 4, sizeof(note) - 1, 4);
	memcpy(n + 12, "VMCOREINFO", 11);
	memcpy(n + 24, note, sizeof(note) - 1);
}

static void elf32_big_endian(void **state)
{
	(void)state;
	struct machine m = MACHINE_INIT;
	struct err err = ERR_INIT;
	uint8_t f[256] = {0};
	uint64_t v;

	make_elf32(f);
	assert_int_equal(kcore_facts(span_of(f, sizeof(f)), &m, &err), 0);
	assert_int_equal(m.kcore.n, 2);
	assert_int_equal(m.kcore.v[0].pa, 0x40000000);
	assert_true(m.kcore.v[1].pa == UINT64_MAX);
	assert_true(machine_vmcoreinfo_u64(&m, "SYMBOL(_stext)", &v));
	assert_int_equal(v, 0xc0008000);
	strcpy(m.arch, "arm");
	assert_true(machine_linear_offset(&m, &v));
	assert_int_equal(v, 0x80000000);
	machine_done(&m);
}

static void damage_is_told(void **state)
{
	(void)state;
	struct machine m = MACHINE_INIT;
	struct err err = ERR_INIT;
	uint8_t f[256] = {0};
	uint64_t need;

	assert_int_equal(kcore_facts(span_of("hello", 5), &m, &err), -ENOEXEC);
	make_elf32(f);
	assert_int_equal(kcore_facts(span_of(f, 30), &m, &err), -EBADMSG);
	assert_string_equal(err.text, "ELF header is cut off at 0x1e");
	assert_int_equal(kcore_facts(span_of(f, 140), &m, &err), -EBADMSG);
	assert_string_equal(err.text, "3 program headers at 0x34 run off the file");
	put_be(f + 42, 8, 2);
	assert_int_equal(kcore_facts(span_of(f, sizeof(f)), &m, &err), -EBADMSG);
	assert_string_equal(err.text, "program headers of 8 bytes");
	put_be(f + 42, 32, 2);
	put_be(f + 52 + 4, 0xfffffff0, 4);
	assert_int_equal(kcore_need(span_of(f, sizeof(f)), &need, &err), -EBADMSG);
	assert_string_equal(err.text, "headers and notes reach up to 0xfffffff0");
	put_be(f + 16, ET_EXEC, 2);
	assert_int_equal(kcore_need(span_of(f, sizeof(f)), &need, &err), -ENOEXEC);
	machine_done(&m);
}

/* The values of a guest (KASLR, 5-level paging): the text's mapping is not the linear one. */
static void the_linear_map_is_not_the_text(void **state)
{
	(void)state;
	static const struct kernel_map maps[] = {
		{0xffffffff92a00000, 0x16e00000, 0x2830000},
		{0xff75193b40000000, UINT64_MAX, 0x31ffffffffffff},
		{0xff111b6440001000, 0x1000, 0x9e000},
		{0xff111b6440100000, 0x100000, 0x3fedf000},
	};
	struct machine m = MACHINE_INIT;
	uint64_t v;

	assert_false(machine_linear_offset(&m, &v));
	strcpy(m.arch, "x86_64");
	m.kernel = (struct range){0x16e00000, 0x19600000};
	assert_int_equal(vec_push(&m.kcore, maps[0]), 0);
	assert_int_equal(vec_push(&m.kcore, maps[1]), 0);
	assert_false(machine_linear_offset(&m, &v));
	assert_int_equal(vec_push(&m.kcore, maps[2]), 0);
	assert_int_equal(vec_push(&m.kcore, maps[3]), 0);
	assert_true(machine_linear_offset(&m, &v));
	assert_true(v == 0xff111b6440000000);
	/* The largest mapping is taken for the linear one. */
	assert_int_equal(vec_push(&m.kcore, ((struct kernel_map){0x5000, 0x1000, 0x1000})), 0);
	assert_true(machine_linear_offset(&m, &v));
	assert_true(v == 0xff111b6440000000);
	m.kernel = (struct range){0, 0};
	m.stext_va = 0xffffffff92a00000;
	m.kcore.n = 1;
	assert_false(machine_linear_offset(&m, &v));
	machine_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_writer_reads_back),
		cmocka_unit_test(needs_grow_step_by_step),
		cmocka_unit_test(elf32_big_endian),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(the_linear_map_is_not_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
