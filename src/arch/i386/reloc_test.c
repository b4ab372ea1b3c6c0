/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/reloc_fixture.h"

#include "arch/i386/reloc.h"

static const struct reloc_row rows[] = {
	{R_386_NONE, 0, 5, 0},
	{R_386_32, 0, 0xffffffff, 0, 4, 0, 0xffffffff},
	{R_386_32, 0, 0x100000000, -ERANGE, 4},
	{R_386_32, 0, NEG(4), 0, 4, 0, 0xfffffffc},
	{R_386_32, 0, NEG(0x80000001), -ERANGE, 4},
	{R_386_PC32, 0x1000, 0xffc, 0, 4, 0, 0xfffffffc},
	/* From one end of the addresses to the other. */
	{R_386_PC32, 0x1000, 0xfffffffc, 0, 4, 0, 0xffffeffc},
	{R_386_PC32, 0xfffffff0, 0x1000, 0, 4, 0, 0x1010},
	{R_386_PC32, 0, 0x100000000, -ERANGE, 4},
	{R_386_PLT32, 0x100000, 0x100010, 0, 4, 0, 0x10},
	{R_386_16, 0, 0xffff, 0, 2, 0, 0xffff},
	{R_386_16, 0, 0x10000, -ERANGE, 2},
	{R_386_PC16, 0x8000, 0, 0, 2, 0, 0x8000},
	{R_386_PC16, 0, 0x8000, -ERANGE, 2},
	{R_386_8, 0, 0xff, 0, 1, 0, 0xff},
	{R_386_8, 0, 0x100, -ERANGE, 1},
	{R_386_PC8, 0, 0x7f, 0, 1, 0, 0x7f},
	{R_386_PC8, 0, 0x80, -ERANGE, 1},
	{R_386_GOTPC, 0, 0, -ENOTSUP},
	{R_386_GOT32X, 0, 0, -ENOTSUP},
	{0xff, 0, 0, -ENOTSUP},
};

static void fields_are_written_and_judged(void **state)
{
	(void)state;
	reloc_judge(&i386_link_rules, rows, sizeof(rows) / sizeof(*rows));
}

static void an_unknown_type_is_named(void **state)
{
	(void)state;
	reloc_unknown(&i386_link_rules, R_386_GOTPC, "type 10 is not known for i386");
}

static void addends_are_in_the_field(void **state)
{
	(void)state;
	static const struct {
		uint32_t type;
		uint64_t addend;
		int result;
		uint64_t room;
	} kinds[] = {
		{R_386_NONE, 0, 0, 0},          {R_386_32, 0x7fffff80, 0, 4},
		{R_386_PC32, 0x7fffff80, 0, 4}, {R_386_PC16, NEG(0x80), 0, 2},
		{R_386_8, NEG(0x80), 0, 1},     {R_386_PLT32, 0, -EBADMSG, 3},
		{R_386_GOTOFF, 0, -ENOTSUP, 4},
	};
	uint8_t at[4] = {0x80, 0xff, 0xff, 0x7f};
	struct err err = ERR_INIT;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct link_reloc r = {kinds[i].type, 0, 0, at, (size_t)kinds[i].room};
		uint64_t have = 0;

		assert_int_equal(i386_link_rules.addend(&r, &have, &err), kinds[i].result);
		assert_int_equal(have, kinds[i].addend);
	}
	at[3] = 0xff;
	struct link_reloc r = {R_386_PC32, 0, 0, at, 4};
	uint64_t have;

	assert_int_equal(i386_link_rules.addend(&r, &have, &err), 0);
	assert_int_equal(have, NEG(0x80));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_written_and_judged),
		cmocka_unit_test(an_unknown_type_is_named),
		cmocka_unit_test(addends_are_in_the_field),
	};

	return cmocka_run_group_tests_name("i386 reloc", tests, NULL, NULL);
}
