/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "arch/s390x/reloc.h"
#include "base/put.h"

struct row {
	uint32_t type;
	uint64_t place, value;
	int result;
	unsigned bytes;
	uint64_t field;
};

#define NEG(n) ((uint64_t) - (int64_t)(n))

/* Before it the field holds 0xaa in each byte. 62 to 65: R_390_PC12DBL and its kin. */
static const struct row rows[] = {
	{R_390_NONE, 0, 5, 0, 0, 0},
	{R_390_64, 0x1000, NEG(1), 0, 8, NEG(1)},
	{R_390_PC64, 0x1000, 0, 0, 8, NEG(0x1000)},
	{R_390_32, 0, 0xffffffff, 0, 4, 0xffffffff},
	{R_390_32, 0, NEG(1), 0, 4, 0xffffffff},
	{R_390_32, 0, 0x100000000, -ERANGE, 0, 0},
	{R_390_32, 0, NEG(0x80000001), -ERANGE, 0, 0},
	{R_390_PC32, 0x1000, 0x80000fff, 0, 4, 0x7fffffff},
	{R_390_PC32, 0x1000, 0x80001000, -ERANGE, 0, 0},
	{R_390_16, 0, 0xffff, 0, 2, 0xffff},
	{R_390_16, 0, 0x10000, -ERANGE, 0, 0},
	{R_390_PC16, 0x8000, 0, 0, 2, 0x8000},
	{R_390_PC16, 0x8001, 0, -ERANGE, 0, 0},
	{R_390_8, 0, 0xff, 0, 1, 0xff},
	{R_390_8, 0, 0x100, -ERANGE, 0, 0},
	{R_390_12, 0, 0xfff, 0, 2, 0xafff},
	{R_390_12, 0, 0x1000, -ERANGE, 0, 0},
	{R_390_PC32DBL, 0x500000000, 0x4fffffffe, 0, 4, 0xffffffff},
	{R_390_PC32DBL, 0x1000, 0x1001, -ERANGE, 0, 0},
	{R_390_PC32DBL, 0x1000, 0x100000ffe, 0, 4, 0x7fffffff},
	{R_390_PC32DBL, 0x1000, 0x100001000, -ERANGE, 0, 0},
	{R_390_PLT32DBL, 0x100001000, 0x1000, 0, 4, 0x80000000},
	{R_390_PLT32DBL, 0x100001002, 0x1000, -ERANGE, 0, 0},
	{R_390_PC16DBL, 0x20000, 0x10000, 0, 2, 0x8000},
	{R_390_PC16DBL, 0x20002, 0x10000, -ERANGE, 0, 0},
	{R_390_PLT16DBL, 0x1000, 0x1020, 0, 2, 0x10},
	{62, 0x1000, 0x1ffe, 0, 2, 0xa7ff},
	{62, 0x1000, 0x2000, -ERANGE, 0, 0},
	{63, 0x2000, 0x1000, 0, 2, 0xa800},
	{64, 0x1000000, 0, 0, 3, 0x800000},
	{65, 0x1000002, 0, -ERANGE, 0, 0},
	{R_390_GOTENT, 0, 0, -ENOTSUP, 0, 0},
	{R_390_GOTOFF64, 0, 0, -ENOTSUP, 0, 0},
	{R_390_20, 0, 0, -ENOTSUP, 0, 0},
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

		print_message("row %zu\n", i);
		assert_int_equal(s390x_link_rules.apply(&r, &err), w->result);
		assert_int_equal(get_be(at, w->bytes), w->field);
		for (unsigned b = w->bytes; b < sizeof(at); b++)
			assert_int_equal(at[b], 0xaa);
		if (w->bytes) {
			r.room = w->bytes - 1;
			assert_int_equal(s390x_link_rules.apply(&r, &err), -EBADMSG);
		}
	}
}

static void an_unknown_type_is_named(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct link_reloc r = {R_390_GOTENT, 0, 0, NULL, 0};

	assert_int_equal(s390x_link_rules.apply(&r, &err), -ENOTSUP);
	assert_string_equal(err.text, "type 26 is not known for s390x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_written_and_judged),
		cmocka_unit_test(an_unknown_type_is_named),
	};

	return cmocka_run_group_tests_name("s390x reloc", tests, NULL, NULL);
}
