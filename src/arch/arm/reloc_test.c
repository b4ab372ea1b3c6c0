/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "arch/arm/reloc.h"
#include "base/put.h"

struct row {
	uint32_t type;
	uint32_t before; /* the word, with its addend in it */
	uint64_t place, symbol;
	int result;
	uint32_t after;
};

/* Words as an assembler writes them: bl 0xeb…, b 0xea…, movw 0xe300…, movt 0xe340…. */
static const struct row rows[] = {
	{2, 0x10, 0, 0x8000, 0, 0x8010},                     /* ABS32 */
	{2, 0xffffffff, 0, 0, 0, 0xffffffff},                /* its addend is -1 */
	{2, 1, 0, 0xffffffff, -ERANGE, 0},
	{38, 4, 0, 0x8000, 0, 0x8004},                       /* TARGET1 */
	{3, 0xfffffff8, 0x9000, 0x8000, 0, 0xffffeff8},      /* REL32 */
	{42, 0x80000000, 0x1000, 0x3000, 0, 0x80002000},     /* PREL31 keeps bit 31 */
	{42, 0, 0, 0x40000000, -ERANGE, 0},
	{42, 0x40000000, 0, 0, 0, 0x40000000},               /* the lowest there is */
	{28, 0xebfffffe, 0x1000, 0x2000, 0, 0xeb0003fe},     /* CALL: A = -8 */
	{29, 0xeafffffe, 0x2000, 0x1000, 0, 0xeafffbfe},     /* JUMP24, backwards */
	{28, 0xebfffffe, 0, 0x2000004, 0, 0xeb7fffff},       /* the farthest */
	{28, 0xebfffffe, 0, 0x2000008, -ERANGE, 0},
	{28, 0xebfffffe, 0x2000000, 8, 0, 0xeb800000},
	{28, 0xebfffffe, 0x2000000, 4, -ERANGE, 0},
	{28, 0xebfffffe, 0x1000, 0x2001, -ERANGE, 0},        /* a Thumb function */
	{43, 0xe3000000, 0, 0x12345678, 0, 0xe3050678},      /* MOVW_ABS_NC */
	{44, 0xe3400000, 0, 0x12345678, 0, 0xe3410234},      /* MOVT_ABS */
	{45, 0xe30f0ff8, 0x1000, 0x11238, 0, 0xe3000230},    /* MOVW_PREL_NC: A = -8 */
	{46, 0xe3400000, 0x1000, 0x12346678, 0, 0xe3410234}, /* MOVT_PREL */
	{40, 0xe12fff1e, 0, 5, 0, 0xe12fff1e},               /* V4BX */
	{0, 7, 0, 5, 0, 7},
	{10, 0, 0, 0, -ENOTSUP, 0},                          /* THM_CALL */
};

static void fields_are_written_and_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *w = &rows[i];
		uint8_t field[4];
		struct err err = ERR_INIT;
		struct link_reloc r = {.type = w->type, .place = w->place, .at = field, .room = 4};
		uint64_t a = 0;

		put_le(field, w->before, 4);
		int e = arm_link_rules.addend(&r, &a, &err);

		r.value = w->symbol + a;
		if (!e)
			e = arm_link_rules.apply(&r, &err);
		print_message("type %u of 0x%08x\n", w->type, w->before);
		assert_int_equal(e, w->result);
		if (!e)
			assert_int_equal(get_le(field, 4), w->after);
	}
}

static void a_field_at_the_end(void **state)
{
	(void)state;
	uint8_t field[4] = {0};
	struct err err = ERR_INIT;
	uint64_t a;
	struct link_reloc r = {.type = 2, .at = field, .room = 3};

	assert_int_equal(arm_link_rules.addend(&r, &a, &err), -EBADMSG);
	assert_int_equal(arm_link_rules.apply(&r, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "runs off"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_written_and_judged),
		cmocka_unit_test(a_field_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
