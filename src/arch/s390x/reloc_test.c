/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/reloc_fixture.h"

#include "arch/s390x/reloc.h"

/* 62 to 65: R_390_PC12DBL and its kin. */
static const struct reloc_row rows[] = {
	{R_390_NONE, 0, 5, 0},
	{R_390_64, 0x1000, NEG(1), 0, 8, 0, NEG(1)},
	{R_390_PC64, 0x1000, 0, 0, 8, 0, NEG(0x1000)},
	{R_390_32, 0, 0xffffffff, 0, 4, 0, 0xffffffff},
	{R_390_32, 0, NEG(1), 0, 4, 0, 0xffffffff},
	{R_390_32, 0, 0x100000000, -ERANGE},
	{R_390_32, 0, NEG(0x80000001), -ERANGE},
	{R_390_PC32, 0x1000, 0x80000fff, 0, 4, 0, 0x7fffffff},
	{R_390_PC32, 0x1000, 0x80001000, -ERANGE},
	{R_390_16, 0, 0xffff, 0, 2, 0, 0xffff},
	{R_390_16, 0, 0x10000, -ERANGE},
	{R_390_PC16, 0x8000, 0, 0, 2, 0, 0x8000},
	{R_390_PC16, 0x8001, 0, -ERANGE},
	{R_390_8, 0, 0xff, 0, 1, 0, 0xff},
	{R_390_8, 0, 0x100, -ERANGE},
	{R_390_12, 0, 0xfff, 0, 2, 0xaaaa, 0xafff},
	{R_390_12, 0, 0x1000, -ERANGE},
	{R_390_PC32DBL, 0x500000000, 0x4fffffffe, 0, 4, 0, 0xffffffff},
	{R_390_PC32DBL, 0x1000, 0x1001, -ERANGE},
	{R_390_PC32DBL, 0x1000, 0x100000ffe, 0, 4, 0, 0x7fffffff},
	{R_390_PC32DBL, 0x1000, 0x100001000, -ERANGE},
	{R_390_PLT32DBL, 0x100001000, 0x1000, 0, 4, 0, 0x80000000},
	{R_390_PLT32DBL, 0x100001002, 0x1000, -ERANGE},
	{R_390_PC16DBL, 0x20000, 0x10000, 0, 2, 0, 0x8000},
	{R_390_PC16DBL, 0x20002, 0x10000, -ERANGE},
	{R_390_PLT16DBL, 0x1000, 0x1020, 0, 2, 0, 0x10},
	{62, 0x1000, 0x1ffe, 0, 2, 0xaaaa, 0xa7ff},
	{62, 0x1000, 0x2000, -ERANGE},
	{63, 0x2000, 0x1000, 0, 2, 0xaaaa, 0xa800},
	{64, 0x1000000, 0, 0, 3, 0, 0x800000},
	{65, 0x1000002, 0, -ERANGE},
	{R_390_GOTENT, 0, 0, -ENOTSUP},
	{R_390_GOTOFF64, 0, 0, -ENOTSUP},
	{R_390_20, 0, 0, -ENOTSUP},
	{0xffffffff, 0, 0, -ENOTSUP},
};

static void fields_are_written_and_judged(void **state)
{
	(void)state;
	reloc_judge(&s390x_link_rules, rows, sizeof(rows) / sizeof(*rows));
}

static void an_unknown_type_is_named(void **state)
{
	(void)state;
	reloc_unknown(&s390x_link_rules, R_390_GOTENT, "type 26 is not known for s390x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_written_and_judged),
		cmocka_unit_test(an_unknown_type_is_named),
	};

	return cmocka_run_group_tests_name("s390x reloc", tests, NULL, NULL);
}
