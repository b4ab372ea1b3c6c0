/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "arch/i386/reloc.h"
#include "base/put.h"

struct row {
	uint32_t type;
	uint64_t place, value;
	int result;
	unsigned bytes;
	uint64_t field;
};

#define NEG(n) ((uint64_t) - (int64_t)(n))

static const struct row rows[] = {
	{R_386_NONE, 0, 5, 0, 0, 0},
	{R_386_32, 0, 0xffffffff, 0, 4, 0xffffffff},
	{R_386_32, 0, 0x100000000, -ERANGE, 0, 0},
	{R_386_32, 0, NEG(4), 0, 4, 0xfffffffc},
	{R_386_32, 0, NEG(0x80000001), -ERANGE, 0, 0},
	{R_386_PC32, 0x1000, 0xffc, 0, 4, 0xfffffffc},
	/* From one end of the addresses to the other. */
	{R_386_PC32, 0x1000, 0xfffffffc, 0, 4, 0xffffeffc},
	{R_386_PC32, 0xfffffff0, 0x1000, 0, 4, 0x1010},
	{R_386_PC32, 0, 0x100000000, -ERANGE, 0, 0},
	{R_386_PLT32, 0x100000, 0x100010, 0, 4, 0x10},
	{R_386_16, 0, 0xffff, 0, 2, 0xffff},
	{R_386_16, 0, 0x10000, -ERANGE, 0, 0},
	{R_386_PC16, 0x8000, 0, 0, 2, 0x8000},
	{R_386_PC16, 0, 0x8000, -ERANGE, 0, 0},
	{R_386_8, 0, 0xff, 0, 1, 0xff},
	{R_386_8, 0, 0x100, -ERANGE, 0, 0},
	{R_386_PC8, 0, 0x7f, 0, 1, 0x7f},
	{R_386_PC8, 0, 0x80, -ERANGE, 0, 0},
	{R_386_GOTPC, 0, 0, -ENOTSUP, 0, 0},
	{R_386_GOT32X, 0, 0, -ENOTSUP, 0, 0},
	{0xff, 0, 0, -ENOTSUP, 0, 0},
};

static void fields_are_written_and_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *w = &rows[i];
		uint8_t at[9];
		struct err err = ERR_INIT;

		memset(at, 0xaa, sizeof(at));
		struct link_reloc r = {w->type, w->place, w->value, at, sizeof(at)};

		assert_int_equal(i386_link_rules.apply(&r, &err), w->result);
		assert_int_equal(get_le(at, w->bytes), w->field);
		for (unsigned b = w->bytes; b < sizeof(at); b++)
			assert_int_equal(at[b], 0xaa);
		if (w->bytes) {
			r.room = w->bytes - 1;
			assert_int_equal(i386_link_rules.apply(&r, &err), -EBADMSG);
		}
	}
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
		cmocka_unit_test(addends_are_in_the_field),
	};

	return cmocka_run_group_tests_name("i386 reloc", tests, NULL, NULL);
}
