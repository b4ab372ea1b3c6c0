/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "elf/crc.h"
#include "elf/crc_fixture.h"

/* What every sound kernel of the fixture must give, in this order. */
static void expect_all(const struct crc_kernel *k, const char *what)
{
	static const unsigned sorted[CRC_FX_SYMBOLS] = {3, 1, 0, 2};
	struct buf file = BUF_INIT;
	struct crc_list l = {0};
	struct err err = ERR_INIT;

	crc_kernel_write(k, &file);
	if (crc_read(buf_span(&file), &l, &err))
		fail_msg("%s: %s", what, err.text);
	assert_int_equal(l.n, CRC_FX_SYMBOLS);
	assert_int_equal(l.contradictions, 0);
	for (unsigned i = 0; i < CRC_FX_SYMBOLS; i++) {
		const struct crc_export *x = &k->exports[sorted[i]];

		assert_string_equal(l.v[i].name, x->name);
		assert_string_equal(l.v[i].namespace, k->fields > 2 ? x->namespace : "");
		if (l.v[i].crc != x->crc)
			fail_msg("%s: %s has 0x%08x", what, x->name, l.v[i].crc);
		assert_int_equal(l.v[i].kind,
				 sorted[i] < CRC_FX_PLAIN ? CRC_EXPORT : CRC_EXPORT_GPL);
	}
	crc_list_done(&l);
	buf_done(&file);
}

/* Both classes and byte orders, with names of sections or of symbols. */
static void expect_everywhere(struct crc_kernel k, const char *what)
{
	for (unsigned i = 0; i < 8; i++) {
		struct crc_kernel v = k;

		v.big = i & 1;
		v.sections = !(i & 2);
		v.symtab = i & 2 || i & 4;
		expect_all(&v, what);
	}
}

/* arch, fields, slot, distances, relative CRCs, absolute __crc_ symbols. */
static const struct era {
	const char *what;
	bool elf32;
	uint16_t machine;
	unsigned field, fields, slot;
	bool distances, relative, absolute;
} eras[] = {
	{"2.6 to 4.9, 64 bits", false, EM_PPC64, 8, 2, 8, false, false, true},
	{"2.6 to 4.18, 32 bits", true, EM_386, 4, 2, 4, false, false, true},
	{"4.10 to 4.18, relative CRCs", false, EM_PPC64, 8, 2, 4, false, true, false},
	{"4.10 to 4.18, plain CRCs", false, EM_X86_64, 8, 2, 4, false, false, true},
	{"4.19 to 5.3, distances, relative CRCs", false, EM_PPC64, 4, 2, 4, true, true, false},
	{"4.19 to 5.3, distances, plain CRCs", false, EM_X86_64, 4, 2, 4, true, false, true},
	{"5.4 to 5.18, distances, relative CRCs", false, EM_AARCH64, 4, 3, 4, true, true, false},
	{"5.4 to 5.18, words, relative CRCs", false, EM_PPC64, 8, 3, 4, false, true, false},
	{"5.4 to 5.18, 32 bits, relative CRCs", true, EM_ARM, 4, 3, 4, false, true, false},
	{"5.19 on, distances", false, EM_X86_64, 4, 3, 4, true, false, false},
	{"5.19 on, words", false, EM_PPC64, 8, 3, 4, false, false, false},
	{"5.19 on, 32 bits, words", true, EM_ARM, 4, 3, 4, false, false, false},
	{"5.19 on, 32 bits, distances", true, EM_386, 4, 3, 4, true, false, false},
};

static void every_layout(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(eras) / sizeof(*eras); i++) {
		const struct era *e = &eras[i];
		struct crc_kernel k = crc_kernel();

		k.elf32 = e->elf32;
		k.machine = e->machine;
		k.field = e->field;
		k.fields = e->fields;
		k.slot = e->slot;
		k.distances = e->distances;
		k.relative = e->relative;
		k.absolute = e->absolute;
		expect_everywhere(k, e->what);
	}
}

static void slots(void **state)
{
	struct crc_kernel k = crc_kernel();

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct buf file = BUF_INIT;
		struct crc_slots s;
		struct elf e;

		k.sections = i;
		crc_kernel_write(&k, &file);
		assert_int_equal(elf_parse(buf_span(&file), &e, NULL), 0);
		crc_slots(&e, buf_span(&file), &s);
		assert_int_equal(s.n, 2);
		assert_false(crc_slots_have(&s, CRC_BASE64 + CRC_AT_KCRCTAB - 1));
		assert_true(crc_slots_have(&s, CRC_BASE64 + CRC_AT_KCRCTAB));
		assert_true(crc_slots_have(&s, CRC_BASE64 + CRC_AT_KCRCTAB + 7));
		assert_false(crc_slots_have(&s, CRC_BASE64 + CRC_AT_KCRCTAB + 8));
		assert_true(crc_slots_have(&s, CRC_BASE64 + CRC_AT_KCRCTAB_GPL + 4));
		assert_false(crc_slots_have(&s, CRC_BASE64 + CRC_AT_KSYMTAB));
		buf_done(&file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout),
		cmocka_unit_test(slots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
