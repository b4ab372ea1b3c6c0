/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/reloc_fixture.h"

#include "arch/arm/reloc.h"

/* Words as an assembler writes them: bl 0xeb…, b 0xea…, movw 0xe300…, movt 0xe340…. */
static const struct reloc_row rows[] = {
	{2, 0, 0x8000, 0, 4, 0x10, 0x8010},      /* ABS32 */
	{2, 0, 0, 0, 4, 0xffffffff, 0xffffffff}, /* its addend is -1 */
	{2, 0, 0xffffffff, -ERANGE, 4, 1},
	{38, 0, 0x8000, 0, 4, 4, 0x8004},                   /* TARGET1 */
	{3, 0x9000, 0x8000, 0, 4, 0xfffffff8, 0xffffeff8},  /* REL32 */
	{42, 0x1000, 0x3000, 0, 4, 0x80000000, 0x80002000}, /* PREL31 keeps bit 31 */
	{42, 0, 0x40000000, -ERANGE, 4, 0},
	{42, 0, 0, 0, 4, 0x40000000, 0x40000000},           /* the lowest there is */
	{28, 0x1000, 0x2000, 0, 4, 0xebfffffe, 0xeb0003fe}, /* CALL: A = -8 */
	{29, 0x2000, 0x1000, 0, 4, 0xeafffffe, 0xeafffbfe}, /* JUMP24, backwards */
	{28, 0, 0x2000004, 0, 4, 0xebfffffe, 0xeb7fffff},   /* the farthest */
	{28, 0, 0x2000008, -ERANGE, 4, 0xebfffffe},
	{28, 0x2000000, 8, 0, 4, 0xebfffffe, 0xeb800000},
	{28, 0x2000000, 4, -ERANGE, 4, 0xebfffffe},
	{28, 0x1000, 0x2001, -ERANGE, 4, 0xebfffffe},           /* a Thumb function */
	{43, 0, 0x12345678, 0, 4, 0xe3000000, 0xe3050678},      /* MOVW_ABS_NC */
	{44, 0, 0x12345678, 0, 4, 0xe3400000, 0xe3410234},      /* MOVT_ABS */
	{45, 0x1000, 0x11238, 0, 4, 0xe30f0ff8, 0xe3000230},    /* MOVW_PREL_NC: A = -8 */
	{46, 0x1000, 0x12346678, 0, 4, 0xe3400000, 0xe3410234}, /* MOVT_PREL */
	{40, 0, 5, 0, 4, 0xe12fff1e, 0xe12fff1e},               /* V4BX */
	{0, 0, 5, 0, 4, 7, 7},
	{10, 0, 0, -ENOTSUP, 4, 0}, /* THM_CALL */
};

static void fields_are_written_and_judged(void **state)
{
	(void)state;
	reloc_judge(&arm_link_rules, rows, sizeof(rows) / sizeof(*rows));
}

static void an_unknown_type_is_named(void **state)
{
	(void)state;
	reloc_unknown(&arm_link_rules, 10, "type 10 is not known for arm");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_written_and_judged),
		cmocka_unit_test(an_unknown_type_is_named),
	};

	return cmocka_run_group_tests_name("arm reloc", tests, NULL, NULL);
}
