/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/put.h"
#include "elf/crc.h"
#include "elf/crc_fixture.h"
#include "elf/reader.h"

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
	bool distances, relative, absolute, flags;
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
	{"with flags", false, EM_X86_64, 4, 3, 4, true, false, false, true},
};

static struct crc_kernel kernel_of(const struct era *e)
{
	struct crc_kernel k = crc_kernel();

	k.elf32 = e->elf32;
	k.machine = e->machine;
	k.field = e->field;
	k.fields = e->fields;
	k.slot = e->slot;
	k.distances = e->distances;
	k.relative = e->relative;
	k.absolute = e->absolute;
	k.flags = e->flags;
	return k;
}

static void every_layout(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(eras) / sizeof(*eras); i++)
		expect_everywhere(kernel_of(&eras[i]), eras[i].what);
}

/* Without symbols: sums that could be distances, the first from slot to slot. */
static void small_sums(void **state)
{
	struct crc_kernel k = crc_kernel();

	(void)state;
	k.symtab = false;
	for (unsigned i = 0; i < CRC_FX_SYMBOLS; i++)
		k.exports[i].crc = i & 1 ? 12 : 4;
	expect_all(&k, "small sums");
}

/* The words are what the entries of .rela.dyn will store, whatever the file holds there. */
static void words_by_relocations(void **state)
{
	struct crc_kernel k = kernel_of(&eras[0]);
	struct buf file = BUF_INIT;
	struct crc_list l = {0};
	struct err err = ERR_INIT;

	(void)state;
	for (unsigned i = 0; i < CRC_FX_SYMBOLS; i++)
		k.relas[k.nrelas++] = (struct crc_rela){crc_kernel_slot(&k, i), 0, R_PPC64_RELATIVE,
							k.exports[i].crc};
	crc_kernel_write(&k, &file);
	for (unsigned i = 0; i < CRC_FX_SYMBOLS; i++)
		memset(file.ptr + CRC_FILE_OFF + crc_kernel_slot(&k, i), 0xee, 8);
	if (crc_read(buf_span(&file), &l, &err))
		fail_msg("%s", err.text);
	assert_string_equal(l.v[1].name, "kfree");
	assert_int_equal(l.v[1].crc, 0x037a0cba);
	assert_int_equal(l.contradictions, 0);
	crc_list_done(&l);
	buf_done(&file);
}

/* The file of @k with @len bytes at @off of its memory replaced; the error in @err. */
static int read_bent(const struct crc_kernel *k, uint32_t off, uint64_t value, unsigned len,
		     struct crc_list *l, struct err *err)
{
	static struct buf file;

	buf_done(&file);
	crc_kernel_write(k, &file);
	put_le(file.ptr + CRC_FILE_OFF + off, value, len);
	return crc_read(buf_span(&file), l, err);
}

static void another_tool_relocated_it(void **state)
{
	struct crc_kernel k = kernel_of(&eras[0]);
	struct crc_list l = {0};
	struct err err = ERR_INIT;
	const uint64_t moved = 0x92997ed8 + 0x2000000ull;

	(void)state;
	assert_int_equal(read_bent(&k, crc_kernel_slot(&k, 0), moved, 8, &l, &err), 0);
	assert_int_equal(l.contradictions, 1);
	assert_string_equal(l.first, "printk");
	assert_int_equal(l.v[2].crc, moved);
	crc_list_done(&l);
	/* Moved beyond 32 bits it is no CRC any more. */
	assert_int_equal(read_bent(&k, crc_kernel_slot(&k, 3), 0x100000000ull, 8, &l, &err),
			 -EBADMSG);
	assert_non_null(strstr(err.text, "__put_net"));
}

static void refused(const struct crc_kernel *k, int code, const char *why)
{
	struct crc_list l = {0};
	struct err err = ERR_INIT;

	assert_int_equal(read_bent(k, 0, 0, 0, &l, &err), -code);
	if (!strstr(err.text, why))
		fail_msg("'%s' is not in '%s'", why, err.text);
}

static void no_tables(void **state)
{
	struct crc_kernel k = crc_kernel();
	struct crc_list l = {0};
	struct err err = ERR_INIT;

	(void)state;
	/* Neither names of sections nor symbols. */
	k.sections = k.symtab = false;
	refused(&k, ENOTSUP, "__start___kcrctab");
	k.sections = true;
	k.type = ET_REL;
	refused(&k, ENOTSUP, "a module?");
	/* Two tables that do not fit one another. */
	k = crc_kernel();
	k.fields = 2;
	k.slot = 8;
	k.distances = false;
	refused(&k, EBADMSG, "in any layout");
	/* A name that points off the strings. */
	k = crc_kernel();
	k.symtab = false;
	assert_int_equal(read_bent(&k, CRC_AT_KSYMTAB + 4, 0x7fffffff, 4, &l, &err), -EBADMSG);
	assert_int_equal(crc_read(span_of("text", 4), &l, &err), -ENOEXEC);
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

static void every_truncation(void **state)
{
	struct crc_kernel k = crc_kernel();
	struct buf file = BUF_INIT;

	(void)state;
	crc_kernel_write(&k, &file);
	for (size_t len = 0; len < file.len; len++) {
		struct crc_list l = {0};
		/* Of its own, so that a read behind the end is seen. */
		uint8_t *copy = malloc(len ? len : 1);

		memcpy(copy, file.ptr, len);
		/* The section headers stand last: without one of them it is no ELF file. */
		assert_int_not_equal(crc_read(span_of(copy, len), &l, NULL), 0);
		free(copy);
	}
	buf_done(&file);
}

/* What is done for each symbol, or copied, is bounded by more than the file. */
static void work_is_bounded(void **state)
{
	(void)state;
	struct crc_kernel k = crc_kernel();
	struct buf file = BUF_INIT;
	struct crc_list l = {0};
	struct err err = ERR_INIT;
	struct elf e;

	k.sections = true;
	crc_kernel_write(&k, &file);
	assert_int_equal(elf_parse(buf_span(&file), &e, NULL), 0);
	for (uint32_t i = 0; i < e.shnum; i++) {
		struct elf_shdr s = elf_shdr_at(&e, buf_span(&file), i);

		if (s.addr == CRC_BASE64 + CRC_AT_KCRCTAB)
			put_le(file.ptr + e.shoff + 64 * i + 32, (8u << 18) + 1, 8);
	}
	assert_int_equal(crc_read(buf_span(&file), &l, &err), -EBADMSG);
	assert_string_equal(err.text, "__kcrctab of 0x200001 bytes");
	put_le(file.ptr + 0x38, 65, 2);
	assert_int_equal(buf_zero(&file, 65 * 56), 0);
	assert_int_equal(crc_read(buf_span(&file), &l, &err), -EBADMSG);
	assert_string_equal(err.text, "has 65 program headers");
	buf_done(&file);
}

/* `elf_crc_test DIR` writes the seeds of the fuzz targets: a kernel of every era. */
static int write_seeds(const char *dir)
{
	for (size_t i = 0; i < sizeof(eras) / sizeof(*eras); i++) {
		struct crc_kernel k = kernel_of(&eras[i]);
		char name[16];

		k.big = k.machine == EM_PPC64;
		k.sections = i % 3;
		if (k.slot == 8)
			k.relas[k.nrelas++] = (struct crc_rela){CRC_AT_KCRCTAB, 0, R_PPC64_RELATIVE,
								k.exports[0].crc};
		snprintf(name, sizeof(name), "era%02zu", i);
		if (crc_kernel_save(&k, dir, name) < 0)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return write_seeds(argv[1]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout),
		cmocka_unit_test(slots),
		cmocka_unit_test(small_sums),
		cmocka_unit_test(words_by_relocations),
		cmocka_unit_test(another_tool_relocated_it),
		cmocka_unit_test(no_tables),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(work_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
