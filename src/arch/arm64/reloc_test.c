/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/reloc_fixture.h"

#include "arch/arm64/reloc.h"

/*
 * The instructions before and after are those of an assembler: `aarch64-linux-gnu-as` and `objdump`
 * on, for instance, "bl .+8" (0x94000002).
 */
static const struct reloc_row rows[] = {
	{0, 0, 5, 0, 4, 0xd503201f, 0xd503201f},
	{256, 0, 5, 0, 4, 0xd503201f, 0xd503201f},
	{257, 0x1000, NEG(1), 0, 8, 0, NEG(1)},
	{258, 0, 0xffffffff, 0, 4, 0, 0xffffffff},
	{258, 0, 0x100000000, -ERANGE, 4, 7},
	{258, 0, NEG(0x80000000), 0, 4, 0, 0x80000000},
	{258, 0, NEG(0x80000001), -ERANGE, 4, 7},
	{259, 0, 0xffff, 0, 2, 0, 0xffff},
	{259, 0, 0x10000, -ERANGE, 2, 0},
	{260, 0x2000, 0x1000, 0, 8, 0, NEG(0x1000)},
	{261, 0x2000, 0x1000, 0, 4, 0, 0xfffff000},
	{261, 0x1000, 0x100001000, -ERANGE, 4, 0},
	{262, 0x2000, 0x1000, 0, 2, 0, 0xf000},
	{314, 0, 0x80000000, -ERANGE, 4, 0},
	/* movz x0, #imm[, lsl #16n] */
	{263, 0, 0xffff, 0, 4, 0xd2800000, 0xd29fffe0},
	{263, 0, 0x10000, -ERANGE, 4, 0xd2800000},
	{264, 0, 0x12345678, 0, 4, 0xd2800000, 0xd28acf00},
	{265, 0, 0x12345678, 0, 4, 0xd2a00000, 0xd2a24680},
	{265, 0, 0x100000000, -ERANGE, 4, 0xd2a00000},
	{266, 0, 0x912345678, 0, 4, 0xd2a00000, 0xd2a24680},
	{268, 0, 0x1000200000000, 0, 4, 0xd2c00000, 0xd2c00040},
	{269, 0, 0x1000200000000, 0, 4, 0xd2e00000, 0xd2e00020},
	/* ldr x0, .+8; and one page's reach */
	{273, 0x1000, 0x1008, 0, 4, 0x58000000, 0x58000040},
	{273, 0x1000, 0x100a, -ERANGE, 4, 0x58000000},
	{273, 0x100000, 0x200000, -ERANGE, 4, 0x58000000},
	{273, 0x100000, 0x1ffffc, 0, 4, 0x58000000, 0x587fffe0},
	/* adr x0, .+5; .-1 */
	{274, 0x1000, 0x1005, 0, 4, 0x10000000, 0x30000020},
	{274, 0x1000, 0xfff, 0, 4, 0x10000000, 0x70ffffe0},
	{274, 0x1000, 0x101000, -ERANGE, 4, 0x10000000},
	/* adrp x0, pages apart */
	{275, 0x1fff, 0x2000, 0, 4, 0x90000000, 0xb0000000},
	{275, 0x1fff, 0x1000, 0, 4, 0x90000000, 0x90000000},
	{275, 0x2000, 0x1000, 0, 4, 0x90000000, 0xf0ffffe0},
	{275, 0, 0xffffffff, 0, 4, 0x90000000, 0xf07fffe0},
	{275, 0, 0x100000000, -ERANGE, 4, 0x90000000},
	{276, 0, 0x100001000, 0, 4, 0x90000000, 0xb0800000},
	/* add x0, x1, #lo12; ldrb, ldrh, ldr w, ldr x, ldr q */
	{277, 0, 0x12fff, 0, 4, 0x91000020, 0x913ffc20},
	{278, 0, 0x12fff, 0, 4, 0x39400020, 0x397ffc20},
	{284, 0, 0x12ffe, 0, 4, 0x79400020, 0x795ffc20},
	{284, 0, 0x12fff, -ERANGE, 4, 0x79400020},
	{285, 0, 0x12ffc, 0, 4, 0xb9400020, 0xb94ffc20},
	{286, 0, 0x12ff8, 0, 4, 0xf9400020, 0xf947fc20},
	{286, 0, 0x12ffc, -ERANGE, 4, 0xf9400020},
	{299, 0, 0x12ff0, 0, 4, 0x3dc00020, 0x3dc3fc20},
	{299, 0, 0x12ff8, -ERANGE, 4, 0x3dc00020},
	/* tbz w0, #0, .+8; b.eq .-4; b; bl */
	{279, 0x1000, 0x1008, 0, 4, 0x36000000, 0x36000040},
	{279, 0, 0x8000, -ERANGE, 4, 0x36000000},
	{280, 0x1000, 0xffc, 0, 4, 0x54000000, 0x54ffffe0},
	{280, 0, 0x100000, -ERANGE, 4, 0x54000000},
	{282, 0x1000, 0x1008, 0, 4, 0x14000000, 0x14000002},
	{282, 0x1000, 0x100a, -ERANGE, 4, 0x14000000},
	{283, 0x8000000, 0, 0, 4, 0x94000000, 0x96000000},
	{283, 0, 0x7fffffc, 0, 4, 0x94000000, 0x95ffffff},
	{283, 0, 0x8000000, -ERANGE, 4, 0x94000000},
	/* through a GOT; of threads; and what is not yet invented */
	{311, 0, 0, -ENOTSUP, 4, 0},
	{541, 0, 0, -ENOTSUP, 4, 0},
	{0xffffffff, 0, 0, -ENOTSUP, 4, 0},
};

static void fields_are_written_and_judged(void **state)
{
	(void)state;
	reloc_judge(&arm64_link_rules, rows, sizeof(rows) / sizeof(*rows));
}

static void an_unknown_type_is_named(void **state)
{
	(void)state;
	reloc_unknown(&arm64_link_rules, 311, "type 311 is not known for arm64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_written_and_judged),
		cmocka_unit_test(an_unknown_type_is_named),
	};

	return cmocka_run_group_tests_name("arm64 reloc", tests, NULL, NULL);
}
