/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/ppc64/reloc.h"
#include "core/unit.h"

#include <string.h>

#include "base/put.h"

#define BASE  UINT64_C(0x20000000)
#define PLACE (BASE + 0x1000)

struct row {
	uint32_t type;
	unsigned bytes;
	uint64_t was, value, want; /* want: of the field; of no meaning where r is not 0 */
	uint8_t other;
	int r;
};

static const struct row rows[] = {
	{R_PPC64_NONE, 4, 0x1234, 1, 0x1234, 0, 0},
	{118, 4, 0x1234, 1, 0x1234, 0, 0}, /* R_PPC64_ENTRY, a hint */
	{R_PPC64_ADDR64, 8, 0, 0x123456789abcdef0, 0x123456789abcdef0, 0, 0},
	{R_PPC64_REL64, 8, 0, PLACE - 8, UINT64_MAX - 7, 0, 0},
	{R_PPC64_REL32, 4, 0, PLACE + 0x10, 0x10, 0, 0},
	{R_PPC64_REL32, 4, 0, PLACE + 0x80000000, 0, 0, -ERANGE},
	{R_PPC64_TOC, 8, 0, 77, BASE, 0, 0},
	/* bl: the link bit stays, the opcode stays. */
	{R_PPC64_REL24, 4, 0x48000001, PLACE + 0x100, 0x48000101, 0, 0},
	{R_PPC64_REL24, 4, 0x48000001, PLACE - 4, 0x4bfffffd, 0, 0},
	{R_PPC64_REL24, 4, 0x48000001, PLACE + 0x1fffffc, 0x49fffffd, 0, 0},
	{R_PPC64_REL24, 4, 0x48000001, PLACE + 0x2000000, 0, 0, -ERANGE},
	{R_PPC64_REL24, 4, 0x48000001, PLACE - 0x2000000, 0x4a000001, 0, 0},
	{R_PPC64_REL24, 4, 0x48000001, PLACE - 0x2000004, 0, 0, -ERANGE},
	{R_PPC64_REL24, 4, 0x48000001, PLACE + 2, 0, 0, -ERANGE},
	/* A local entry of 8 bytes (3), of 4 (2), none (0, 1), of 64 (6); 7 is reserved. */
	{R_PPC64_REL24, 4, 0x48000001, PLACE + 0x100, 0x48000109, 3 << 5, 0},
	{R_PPC64_REL24, 4, 0x48000001, PLACE + 0x100, 0x48000105, 2 << 5, 0},
	{R_PPC64_REL24, 4, 0x48000001, PLACE + 0x100, 0x48000101, 1 << 5, 0},
	{R_PPC64_REL24, 4, 0x48000001, PLACE + 0x100, 0x48000141, 6 << 5, 0},
	{R_PPC64_REL24, 4, 0x48000001, PLACE + 0x100, 0, 7 << 5, -ENOTSUP},
	/* The address of a function is that of its global entry. */
	{R_PPC64_ADDR64, 8, 0, BASE + 0x100, BASE + 0x100, 3 << 5, 0},
	{R_PPC64_REL14, 4, 0x41820000, PLACE + 0x7ffc, 0x41827ffc, 0, 0},
	{R_PPC64_REL14, 4, 0x41820000, PLACE + 0x8000, 0, 0, -ERANGE},
	{R_PPC64_REL16, 2, 0, PLACE - 2, 0xfffe, 0, 0},
	{R_PPC64_REL16, 2, 0, PLACE + 0x8000, 0, 0, -ERANGE},
	/* The high half is one more where the low half will count as negative. */
	{R_PPC64_REL16_HA, 2, 0, PLACE + 0x18000, 2, 0, 0},
	{R_PPC64_REL16_LO, 2, 0, PLACE + 0x18000, 0x8000, 0, 0},
	{R_PPC64_REL16_HA, 2, 0, PLACE + 0x17fff, 1, 0, 0},
	{R_PPC64_REL16_HA, 2, 0, PLACE + 0x7fff7fff, 0x7fff, 0, 0},
	{R_PPC64_REL16_HA, 2, 0, PLACE + 0x7fff8000, 0, 0, -ERANGE},
	{R_PPC64_TOC16_HA, 2, 0, BASE + 0x12345678, 0x1234, 0, 0},
	{R_PPC64_TOC16_LO, 2, 0, BASE + 0x12345678, 0x5678, 0, 0},
	{R_PPC64_TOC16_LO_DS, 2, 1, BASE + 0x12345678, 0x5679, 0, 0},
	{R_PPC64_TOC16_LO_DS, 2, 1, BASE + 0x1234567a, 0, 0, -ERANGE},
	{R_PPC64_TOC16, 2, 0, BASE + 0x7fff, 0x7fff, 0, 0},
	{R_PPC64_TOC16, 2, 0, BASE + 0x8000, 0, 0, -ERANGE},
	{R_PPC64_TOC16_DS, 2, 2, BASE - 0x8000, 0x8002, 0, 0},
	/* What would need a GOT, a PLT or another thread. */
	{R_PPC64_GOT16_HA, 2, 0, BASE, 0, 0, -ENOTSUP},
	{R_PPC64_PLT16_HA, 2, 0, BASE, 0, 0, -ENOTSUP},
	{R_PPC64_ADDR32, 4, 0, 1, 0, 0, -ENOTSUP},
};

static void check(const struct row *t, const struct link_rules *rules)
{
	struct err err = ERR_INIT;
	uint8_t field[8] = {0};
	struct link_reloc r = {.type = t->type,
			       .place = PLACE,
			       .value = t->value,
			       .at = field,
			       .room = t->bytes,
			       .base = BASE,
			       .other = t->other};
	uint64_t got;

	(rules->big ? put_be : put_le)(field, t->was, t->bytes);
	assert_int_equal(rules->apply(&r, &err), t->r);
	got = (rules->big ? get_be : get_le)(field, t->bytes);
	assert_int_equal(got, t->r ? t->was : t->want);
	assert_int_equal(err.code, -t->r);
}

static void every_type_in_both_byte_orders(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_message("row %zu, type %u\n", i, rows[i].type);
		check(&rows[i], &ppc64le_link_rules);
		check(&rows[i], &ppc64_link_rules);
	}
}

static void a_field_off_its_section_is_refused(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	uint8_t field[8] = {0};
	struct link_reloc r = {.type = R_PPC64_ADDR64, .at = field, .room = 7};

	assert_int_equal(ppc64le_link_rules.apply(&r, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "runs off its section"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_in_both_byte_orders),
		cmocka_unit_test(a_field_off_its_section_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
