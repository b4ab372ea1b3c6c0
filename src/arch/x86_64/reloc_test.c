/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/reloc_fixture.h"

#include "arch/x86_64/reloc.h"

static const struct reloc_row rows[] = {
	{R_X86_64_NONE, 0, 5, 0},
	{R_X86_64_64, 0x1000, NEG(1), 0, 8, 0, NEG(1)},
	{R_X86_64_PC64, 0x1000, 0, 0, 8, 0, NEG(0x1000)},
	{R_X86_64_32, 0, 0xffffffff, 0, 4, 0, 0xffffffff},
	{R_X86_64_32, 0, 0x100000000, -ERANGE},
	{R_X86_64_32, 0, NEG(1), -ERANGE},
	{R_X86_64_32S, 0, 0x7fffffff, 0, 4, 0, 0x7fffffff},
	{R_X86_64_32S, 0, 0x80000000, -ERANGE},
	{R_X86_64_32S, 0, NEG(0x80000000), 0, 4, 0, 0x80000000},
	{R_X86_64_32S, 0, NEG(0x80000001), -ERANGE},
	{R_X86_64_PC32, 0x500000000, 0x4fffffffc, 0, 4, 0, 0xfffffffc},
	{R_X86_64_PC32, 0x1000, 0x80000fff, 0, 4, 0, 0x7fffffff},
	{R_X86_64_PC32, 0x1000, 0x80001000, -ERANGE},
	{R_X86_64_PLT32, 0x80001000, 0x1000, 0, 4, 0, 0x80000000},
	{R_X86_64_PLT32, 0x80001001, 0x1000, -ERANGE},
	{R_X86_64_16, 0, 0xffff, 0, 2, 0, 0xffff},
	{R_X86_64_16, 0, 0x10000, -ERANGE},
	{R_X86_64_PC16, 0x8000, 0, 0, 2, 0, 0x8000},
	{R_X86_64_PC16, 0, 0x8000, -ERANGE},
	{R_X86_64_8, 0, 0xff, 0, 1, 0, 0xff},
	{R_X86_64_8, 0, 0x100, -ERANGE},
	{R_X86_64_PC8, 0, 0x7f, 0, 1, 0, 0x7f},
	{R_X86_64_PC8, 0, 0x80, -ERANGE},
	{R_X86_64_GOTPCREL, 0, 0, -ENOTSUP},
	{R_X86_64_REX_GOTPCRELX, 0, 0, -ENOTSUP},
	{0xffffffff, 0, 0, -ENOTSUP},
};

static void fields_are_written_and_judged(void **state)
{
	(void)state;
	reloc_judge(&x86_64_link_rules, rows, sizeof(rows) / sizeof(*rows));
}

static void an_unknown_type_is_named(void **state)
{
	(void)state;
	reloc_unknown(&x86_64_link_rules, R_X86_64_GOTPCREL, "type 9 is not known for x86_64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_written_and_judged),
		cmocka_unit_test(an_unknown_type_is_named),
	};

	return cmocka_run_group_tests_name("x86_64 reloc", tests, NULL, NULL);
}
