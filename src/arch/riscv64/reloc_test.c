/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/reloc_fixture.h"

#include "arch/riscv64/reloc.h"

#define P UINT64_C(0x80000000)

/* The field before and after: what GNU as makes of the operand. */
static const struct reloc_row rows[] = {
	{R_RISCV_NONE, 0, 5, 0},
	{R_RISCV_RELAX, 0, 5, 0},
	{R_RISCV_64, 0, NEG(1), 0, 8, 0, NEG(1)},
	{R_RISCV_32, 0, 0xffffffff, 0, 4, 0, 0xffffffff},
	{R_RISCV_32, 0, NEG(0x80000000), 0, 4, 0, 0x80000000},
	{R_RISCV_32, 0, 0x100000000, -ERANGE},
	{R_RISCV_32_PCREL, P, P - 4, 0, 4, 0, 0xfffffffc},
	{R_RISCV_32_PCREL, 0, P, -ERANGE},
	{R_RISCV_ADD8, P, 0x13, 0, 1, 0xf0, 0x03},
	{R_RISCV_ADD16, P, 0x1234, 0, 2, 0xffff, 0x1233},
	{R_RISCV_ADD32, P, P, 0, 4, 0x90000000, 0x10000000},
	{R_RISCV_ADD64, P, 5, 0, 8, NEG(1), 4},
	{R_RISCV_SUB8, P, 1, 0, 1, 0, 0xff},
	{R_RISCV_SUB16, P, 1, 0, 2, 0, 0xffff},
	{R_RISCV_SUB32, P, P + 8, 0, 4, 0, 0x7ffffff8},
	{R_RISCV_SUB64, P, 1, 0, 8, 0, NEG(1)},
	{R_RISCV_RVC_JUMP, P, P + 2046, 0, 2, 0xa001, 0xaffd},
	{R_RISCV_RVC_JUMP, P, P - 2048, 0, 2, 0xbffd, 0xb001},
	{R_RISCV_RVC_JUMP, P, P + 0x2a6, 0, 2, 0xa001, 0xa45d},
	{R_RISCV_RVC_JUMP, P, P + 2048, -ERANGE},
	{R_RISCV_RVC_JUMP, P, P + 1, -ERANGE},
	{R_RISCV_RVC_BRANCH, P, P + 254, 0, 2, 0xc001, 0xcc7d},
	{R_RISCV_RVC_BRANCH, P, P - 256, 0, 2, 0xdc7d, 0xd001},
	{R_RISCV_RVC_BRANCH, P, P + 0x5a, 0, 2, 0xc001, 0xcc29},
	{R_RISCV_RVC_BRANCH, P, P - 258, -ERANGE},
	{R_RISCV_BRANCH, P, P + 4094, 0, 4, 0x00000063, 0x7e000fe3},
	{R_RISCV_BRANCH, P, P - 4096, 0, 4, 0x7e000fe3, 0x80000063},
	{R_RISCV_BRANCH, P, P + 0x5a4, 0, 4, 0x00000063, 0x5a000263},
	{R_RISCV_BRANCH, P, P + 4096, -ERANGE},
	{R_RISCV_JAL, P, P + 0xffffe, 0, 4, 0x0000006f, 0x7ffff06f},
	{R_RISCV_JAL, P, P - 0x100000, 0, 4, 0x7ffff06f, 0x8000006f},
	{R_RISCV_JAL, P, P + 0x5a5a4, 0, 4, 0x0000006f, 0x5a45a06f},
	{R_RISCV_JAL, P, P + 0x100000, -ERANGE},
	{R_RISCV_JAL, P, P + 3, -ERANGE},
	/* 0x12345abc: the lower half is negative, the upper one more. */
	{R_RISCV_PCREL_HI20, P, P + 0x12345abc, 0, 4, 0x00000297, 0x12346297},
	{R_RISCV_PCREL_HI20, P, P + 0x7ffff7ff, 0, 4, 0x00000297, 0x7ffff297},
	{R_RISCV_PCREL_HI20, P, P + 0x7ffff800, -ERANGE},
	{R_RISCV_PCREL_HI20, P, P - 0x80000000, 0, 4, 0x00000297, 0x80000297},
	{R_RISCV_PCREL_HI20, P, P - 0x80000801, -ERANGE},
	{R_RISCV_PCREL_LO12_I, P, P + 0x12345abc, 0, 4, 0x00028293, 0xabc28293},
	{R_RISCV_PCREL_LO12_S, P, P + 0x12345abc, 0, 4, 0x00a2a023, 0xaaa2ae23},
	{R_RISCV_CALL_PLT, P, P + 0x12345abc, 0, 8, 0x0002806700000297, 0xabc2806712346297},
	{R_RISCV_CALL, P, P - 4, 0, 8, 0x0002806700000297, 0xffc2806700000297},
	{R_RISCV_CALL, 0, 0x80000000, -ERANGE},
	/* Absolute, and through a GOT. */
	{R_RISCV_HI20, 0, 0x1000, -ENOTSUP},
	{R_RISCV_GOT_HI20, 0, 0x1000, -ENOTSUP},
	{R_RISCV_ALIGN, 0, 2, -ENOTSUP},
	{0xffffffff, 0, 0, -ENOTSUP},
};

static void fields_are_written_and_judged(void **state)
{
	(void)state;
	reloc_judge(&riscv64_link_rules, rows, sizeof(rows) / sizeof(*rows));
}

static void an_unknown_type_is_named(void **state)
{
	(void)state;
	reloc_unknown(&riscv64_link_rules, R_RISCV_HI20, "type 26 is not known for riscv64");
}

static void only_lower_halves_have_a_first(void **state)
{
	(void)state;
	assert_int_equal(riscv64_link_rules.first_half(R_RISCV_PCREL_LO12_I), R_RISCV_PCREL_HI20);
	assert_int_equal(riscv64_link_rules.first_half(R_RISCV_PCREL_LO12_S), R_RISCV_PCREL_HI20);
	assert_int_equal(riscv64_link_rules.first_half(R_RISCV_PCREL_HI20), 0);
	assert_int_equal(riscv64_link_rules.first_half(R_RISCV_64), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_written_and_judged),
		cmocka_unit_test(an_unknown_type_is_named),
		cmocka_unit_test(only_lower_halves_have_a_first),
	};

	return cmocka_run_group_tests_name("riscv64 reloc", tests, NULL, NULL);
}
