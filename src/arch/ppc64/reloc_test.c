/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/reloc_fixture.h"

#include "arch/ppc64/reloc.h"

#define BASE  RELOC_BASE
#define PLACE (BASE + 0x1000)

static const struct reloc_row rows[] = {
	{R_PPC64_NONE, PLACE, 1, 0, 4, 0x1234, 0x1234},
	{118, PLACE, 1, 0, 4, 0x1234, 0x1234}, /* R_PPC64_ENTRY, a hint */
	{R_PPC64_ADDR64, PLACE, 0x123456789abcdef0, 0, 8, 0, 0x123456789abcdef0},
	{R_PPC64_REL64, PLACE, PLACE - 8, 0, 8, 0, UINT64_MAX - 7},
	{R_PPC64_REL32, PLACE, PLACE + 0x10, 0, 4, 0, 0x10},
	{R_PPC64_REL32, PLACE, PLACE + 0x80000000, -ERANGE, 4, 0},
	{R_PPC64_TOC, PLACE, 77, 0, 8, 0, BASE},
	/* bl: the link bit stays, the opcode stays. */
	{R_PPC64_REL24, PLACE, PLACE + 0x100, 0, 4, 0x48000001, 0x48000101},
	{R_PPC64_REL24, PLACE, PLACE - 4, 0, 4, 0x48000001, 0x4bfffffd},
	{R_PPC64_REL24, PLACE, PLACE + 0x1fffffc, 0, 4, 0x48000001, 0x49fffffd},
	{R_PPC64_REL24, PLACE, PLACE + 0x2000000, -ERANGE, 4, 0x48000001},
	{R_PPC64_REL24, PLACE, PLACE - 0x2000000, 0, 4, 0x48000001, 0x4a000001},
	{R_PPC64_REL24, PLACE, PLACE - 0x2000004, -ERANGE, 4, 0x48000001},
	{R_PPC64_REL24, PLACE, PLACE + 2, -ERANGE, 4, 0x48000001},
	/* A local entry of 8 bytes (3), of 4 (2), none (0, 1), of 64 (6); 7 is reserved. */
	{R_PPC64_REL24, PLACE, PLACE + 0x100, 0, 4, 0x48000001, 0x48000109, 3 << 5},
	{R_PPC64_REL24, PLACE, PLACE + 0x100, 0, 4, 0x48000001, 0x48000105, 2 << 5},
	{R_PPC64_REL24, PLACE, PLACE + 0x100, 0, 4, 0x48000001, 0x48000101, 1 << 5},
	{R_PPC64_REL24, PLACE, PLACE + 0x100, 0, 4, 0x48000001, 0x48000141, 6 << 5},
	{R_PPC64_REL24, PLACE, PLACE + 0x100, -ENOTSUP, 4, 0x48000001, 0, 7 << 5},
	/* The address of a function is that of its global entry. */
	{R_PPC64_ADDR64, PLACE, BASE + 0x100, 0, 8, 0, BASE + 0x100, 3 << 5},
	{R_PPC64_REL14, PLACE, PLACE + 0x7ffc, 0, 4, 0x41820000, 0x41827ffc},
	{R_PPC64_REL14, PLACE, PLACE + 0x8000, -ERANGE, 4, 0x41820000},
	{R_PPC64_REL16, PLACE, PLACE - 2, 0, 2, 0, 0xfffe},
	{R_PPC64_REL16, PLACE, PLACE + 0x8000, -ERANGE, 2, 0},
	/* The high half is one more where the low half will count as negative. */
	{R_PPC64_REL16_HA, PLACE, PLACE + 0x18000, 0, 2, 0, 2},
	{R_PPC64_REL16_LO, PLACE, PLACE + 0x18000, 0, 2, 0, 0x8000},
	{R_PPC64_REL16_HA, PLACE, PLACE + 0x17fff, 0, 2, 0, 1},
	{R_PPC64_REL16_HA, PLACE, PLACE + 0x7fff7fff, 0, 2, 0, 0x7fff},
	{R_PPC64_REL16_HA, PLACE, PLACE + 0x7fff8000, -ERANGE, 2, 0},
	{R_PPC64_TOC16_HA, PLACE, BASE + 0x12345678, 0, 2, 0, 0x1234},
	{R_PPC64_TOC16_LO, PLACE, BASE + 0x12345678, 0, 2, 0, 0x5678},
	{R_PPC64_TOC16_LO_DS, PLACE, BASE + 0x12345678, 0, 2, 1, 0x5679},
	{R_PPC64_TOC16_LO_DS, PLACE, BASE + 0x1234567a, -ERANGE, 2, 1},
	{R_PPC64_TOC16, PLACE, BASE + 0x7fff, 0, 2, 0, 0x7fff},
	{R_PPC64_TOC16, PLACE, BASE + 0x8000, -ERANGE, 2, 0},
	{R_PPC64_TOC16_DS, PLACE, BASE - 0x8000, 0, 2, 2, 0x8002},
	/* What would need a GOT, a PLT or another thread. */
	{R_PPC64_GOT16_HA, PLACE, BASE, -ENOTSUP, 2, 0},
	{R_PPC64_PLT16_HA, PLACE, BASE, -ENOTSUP, 2, 0},
	{R_PPC64_ADDR32, PLACE, 1, -ENOTSUP, 4, 0},
};

static void every_type_in_both_byte_orders(void **state)
{
	(void)state;
	reloc_judge(&ppc64le_link_rules, rows, sizeof(rows) / sizeof(*rows));
	reloc_judge(&ppc64_link_rules, rows, sizeof(rows) / sizeof(*rows));
}

static void an_unknown_type_is_named(void **state)
{
	(void)state;
	reloc_unknown(&ppc64le_link_rules, R_PPC64_GOT16_HA, "type 17 is not known for ppc64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_in_both_byte_orders),
		cmocka_unit_test(an_unknown_type_is_named),
	};

	return cmocka_run_group_tests_name("ppc64 reloc", tests, NULL, NULL);
}
