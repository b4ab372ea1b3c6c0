/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "arch/x86_64/reloc.h"
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
	{R_X86_64_NONE, 0, 5, 0, 0, 0},
	{R_X86_64_64, 0x1000, NEG(1), 0, 8, NEG(1)},
	{R_X86_64_PC64, 0x1000, 0, 0, 8, NEG(0x1000)},
	{R_X86_64_32, 0, 0xffffffff, 0, 4, 0xffffffff},
	{R_X86_64_32, 0, 0x100000000, -ERANGE, 0, 0},
	{R_X86_64_32, 0, NEG(1), -ERANGE, 0, 0},
	{R_X86_64_32S, 0, 0x7fffffff, 0, 4, 0x7fffffff},
	{R_X86_64_32S, 0, 0x80000000, -ERANGE, 0, 0},
	{R_X86_64_32S, 0, NEG(0x80000000), 0, 4, 0x80000000},
	{R_X86_64_32S, 0, NEG(0x80000001), -ERANGE, 0, 0},
	{R_X86_64_PC32, 0x500000000, 0x4fffffffc, 0, 4, 0xfffffffc},
	{R_X86_64_PC32, 0x1000, 0x80000fff, 0, 4, 0x7fffffff},
	{R_X86_64_PC32, 0x1000, 0x80001000, -ERANGE, 0, 0},
	{R_X86_64_PLT32, 0x80001000, 0x1000, 0, 4, 0x80000000},
	{R_X86_64_PLT32, 0x80001001, 0x1000, -ERANGE, 0, 0},
	{R_X86_64_16, 0, 0xffff, 0, 2, 0xffff},
	{R_X86_64_16, 0, 0x10000, -ERANGE, 0, 0},
	{R_X86_64_PC16, 0x8000, 0, 0, 2, 0x8000},
	{R_X86_64_PC16, 0, 0x8000, -ERANGE, 0, 0},
	{R_X86_64_8, 0, 0xff, 0, 1, 0xff},
	{R_X86_64_8, 0, 0x100, -ERANGE, 0, 0},
	{R_X86_64_PC8, 0, 0x7f, 0, 1, 0x7f},
	{R_X86_64_PC8, 0, 0x80, -ERANGE, 0, 0},
	{R_X86_64_GOTPCREL, 0, 0, -ENOTSUP, 0, 0},
	{R_X86_64_REX_GOTPCRELX, 0, 0, -ENOTSUP, 0, 0},
	{0xffffffff, 0, 0, -ENOTSUP, 0, 0},
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

		assert_int_equal(x86_64_link_rules.apply(&r, &err), w->result);
		assert_int_equal(get_le(at, w->bytes), w->field);
		for (unsigned b = w->bytes; b < sizeof(at); b++)
			assert_int_equal(at[b], 0xaa);
		if (w->bytes) {
			r.room = w->bytes - 1;
			assert_int_equal(x86_64_link_rules.apply(&r, &err), -EBADMSG);
		}
	}
}

static void an_unknown_type_is_named(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct link_reloc r = {R_X86_64_GOTPCREL, 0, 0, NULL, 0};

	assert_int_equal(x86_64_link_rules.apply(&r, &err), -ENOTSUP);
	assert_string_equal(err.text, "type 9 is not known for x86_64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_written_and_judged),
		cmocka_unit_test(an_unknown_type_is_named),
	};

	return cmocka_run_group_tests_name("x86_64 reloc", tests, NULL, NULL);
}
