/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "base/put.h"
#include "elf/note.h"
#include "elf/reader.h"
#include "elf/writer.h"

static int span_read_at(void *ctx, uint64_t off, void *buf, size_t len)
{
	struct span s = span_sub(*(struct span *)ctx, off, len);

	if (len && !s.ptr)
		return -ENODATA;
	memcpy(buf, s.ptr, len);
	return 0;
}

static int load(struct buf *b, struct elf *e, struct elf_phdrs *p, struct err *err)
{
	struct span s = buf_span(b);
	struct elf_io io = {span_read_at, &s, s.len};

	return elf_load(&io, e, p, err);
}

/* A file of @n PT_LOADs numbered by paddr; over 65,534 with PN_XNUM and section 0 behind the table.
 */
static struct buf make(bool elf32, bool big, uint32_t n)
{
	struct elf e = {
		.elf32 = elf32, .big = big, .type = ET_CORE, .machine = EM_X86_64, .phnum = n};
	struct buf b = BUF_INIT;

	e.phoff = elf_ehdr_size(&e);
	if (n >= PN_XNUM) {
		e.phnum = PN_XNUM;
		e.shnum = 1;
		e.shoff = e.phoff + (uint64_t)n * elf_phdr_size(&e);
	}
	assert_int_equal(elf_put_header(&b, &e), 0);
	for (uint32_t i = 0; i < n; i++) {
		struct elf_phdr p = {.type = PT_LOAD,
				     .flags = PF_R,
				     .offset = 1,
				     .vaddr = 2,
				     .paddr = i,
				     .filesz = 4,
				     .memsz = 5,
				     .align = 6};
		assert_int_equal(elf_put_phdr(&b, &e, &p), 0);
	}
	if (n >= PN_XNUM) {
		struct elf_shdr zero = {.info = n};
		assert_int_equal(elf_put_shdr(&b, &e, &zero), 0);
	}
	return b;
}

static void both_classes_and_orders_come_back(void **state)
{
	(void)state;
	for (unsigned shape = 0; shape < 4; shape++) {
		struct buf b = make(shape & 1, shape & 2, 3);
		struct elf_phdrs phdrs = {0};
		struct err err = ERR_INIT;
		struct elf e, whole;

		assert_int_equal(load(&b, &e, &phdrs, &err), 0);
		assert_int_equal(elf_parse(buf_span(&b), &whole, &err), 0);
		assert_memory_equal(&e, &whole, sizeof(e));
		assert_int_equal(e.elf32, shape & 1);
		assert_int_equal(e.machine, EM_X86_64);
		assert_int_equal(phdrs.n, 3);
		for (uint32_t i = 0; i < 3; i++) {
			struct elf_phdr p = elf_phdr_at(&e, buf_span(&b), i);

			assert_memory_equal(&p, &phdrs.v[i], sizeof(p));
			assert_int_equal(p.paddr, i);
			assert_int_equal(p.flags, PF_R);
			assert_int_equal(p.memsz, 5);
			assert_int_equal(p.align, 6);
		}
		vec_done(&phdrs);
		buf_done(&b);
	}
}

static void more_headers_than_16_bits_count(void **state)
{
	(void)state;
	struct buf b = make(false, false, 70000);
	struct elf_phdrs phdrs = {0};
	struct err err = ERR_INIT;
	struct elf e;

	assert_int_equal(load(&b, &e, &phdrs, &err), 0);
	assert_int_equal(phdrs.n, 70000);
	assert_int_equal(phdrs.v[69999].paddr, 69999);
	vec_done(&phdrs);

	/* A section header of 72 bytes, which would not fit where a reader expects 64. */
	b.ptr[0x3a] = 72;
	assert_int_equal(load(&b, &e, &phdrs, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "section headers of 72 bytes"));
	b.ptr[0x3a] = 64;

	/* Section 0 behind the end, as makedumpfile's reader trusts it. */
	b.ptr[0x28 + 7] = 0x40;
	assert_int_equal(load(&b, &e, &phdrs, &err), -EBADMSG);
	assert_int_equal(phdrs.n, 0);
	buf_done(&b);
}

struct damage {
	size_t at;
	uint8_t value;
	int want;
	const char *says;
};

static void damage_is_named(void **state)
{
	(void)state;
	static const struct damage cases[] = {
		{0, 'x', -ENOEXEC, ""},
		{EI_CLASS, 3, -EBADMSG, "class 3"},
		{EI_DATA, 0, -EBADMSG, "byte order 0"},
		{0x14, 2, -EBADMSG, "version 2"},
		{0x36, 57, -EBADMSG, "program headers of 57 bytes"},
		{0x38, 9, -EBADMSG, "run off the file"},
		{0x27, 0x80, -EBADMSG, "run off the file"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = make(false, false, 2);
		struct elf_phdrs phdrs = {0};
		struct err err = ERR_INIT;
		struct elf e = {.entry = 77};

		b.ptr[cases[i].at] = cases[i].value;
		assert_int_equal(load(&b, &e, &phdrs, &err), cases[i].want);
		assert_non_null(strstr(err.text, cases[i].says));
		assert_int_equal(elf_parse(buf_span(&b), &e, &err), cases[i].want);
		assert_int_equal(e.entry, 77);
		buf_done(&b);
	}
}

/* The table's end is its start plus its size: 64 bits wrap to an end inside the file. */
static void a_table_does_not_wrap(void **state)
{
	(void)state;
	struct buf b = make(false, false, 2);
	struct elf_phdrs phdrs = {0};
	struct err err = ERR_INIT;
	struct elf e;

	memset(b.ptr + 0x20, 0xff, 8);
	b.ptr[0x20] = 0xc0;
	assert_int_equal(load(&b, &e, &phdrs, &err), -EBADMSG);
	assert_int_equal(elf_parse(buf_span(&b), &e, &err), -EBADMSG);
	buf_done(&b);
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	struct buf b = make(false, true, 2);

	for (size_t len = 0; len < b.len; len++) {
		struct err err = ERR_INIT;
		struct elf e;
		int r = elf_parse(span_of(b.ptr, len), &e, &err);

		assert_int_equal(r, len < SELFMAG ? -ENOEXEC : -EBADMSG);
	}
	buf_done(&b);
}

static void sections_and_strings(void **state)
{
	(void)state;
	static const char names[] = "\0.text\0.bss\0unterminated";
	struct elf e = {.type = ET_REL, .shoff = 64, .shnum = 4, .shstrndx = 3};
	struct elf_shdr s[4] = {
		{0},
		{.name = 1, .type = SHT_PROGBITS, .offset = 0, .size = 4},
		{.name = 7, .type = SHT_NOBITS, .offset = 0, .size = 1 << 30},
		{.name = 0, .type = SHT_STRTAB, .offset = 64 + 4 * 64, .size = sizeof(names) - 1},
	};
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT;
	struct elf_shdr got;

	assert_int_equal(elf_put_header(&b, &e), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(elf_put_shdr(&b, &e, &s[i]), 0);
	assert_int_equal(buf_add(&b, names, sizeof(names) - 1), 0);

	assert_int_equal(elf_parse(buf_span(&b), &e, &err), 0);
	assert_true(elf_find_section(&e, buf_span(&b), ".text", &got));
	assert_int_equal(elf_section(buf_span(&b), &got).len, 4);
	assert_true(elf_find_section(&e, buf_span(&b), ".bss", &got));
	assert_int_equal(elf_section(buf_span(&b), &got).len, 0);
	assert_false(elf_find_section(&e, buf_span(&b), ".data", &got));
	assert_null(elf_string(elf_section(buf_span(&b), &s[3]), 12));
	assert_null(elf_string(elf_section(buf_span(&b), &s[3]), 1000));
	buf_done(&b);
}

/* Of a file with a million sections, all of one name that is as long as the file. */
static void names_are_short(void **state)
{
	(void)state;
	char table[ELF_NAME_MAX + 2];

	memset(table, 'a', sizeof(table));
	table[ELF_NAME_MAX] = 0;
	assert_null(elf_string(span_of(table, sizeof(table)), 0));
	assert_ptr_equal(elf_string(span_of(table, sizeof(table)), 1), table + 1);
}

static void notes_come_back(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct buf b = BUF_INIT;
		struct err err = ERR_INIT;
		struct elf_note n;

		assert_int_equal(elf_note_add(&b, big, "CORE", 1, span_of("12345", 5)), 0);
		assert_int_equal(elf_note_add(&b, big, "VMCOREINFO", 0, span_of("A=1\n", 4)), 0);
		assert_int_equal(buf_zero(&b, 100), 0);
		struct elf_notes it = elf_notes_of(buf_span(&b), big, 0);

		assert_int_equal(elf_notes_next(&it, &n, &err), 1);
		assert_true(elf_note_is(&n, "CORE", 1));
		assert_memory_equal(n.desc.ptr, "12345", 5);
		assert_int_equal(elf_notes_next(&it, &n, &err), 1);
		assert_true(elf_note_is(&n, "VMCOREINFO", 0));
		assert_false(elf_note_is(&n, "VMCOREINF", 0));
		assert_int_equal(n.off, 12 + 8 + 8);
		assert_int_equal(elf_notes_next(&it, &n, &err), 0);

		/* A length near 2^32 must not wrap. */
		memset(b.ptr, 0xff, 8);
		it = elf_notes_of(buf_span(&b), big, 4);
		assert_int_equal(elf_notes_next(&it, &n, &err), -EBADMSG);
		buf_done(&b);
	}
}

static void notes_of_eight_byte_segments(void **state)
{
	(void)state;
	/* As ld writes .note.gnu.property: 4-byte name, 4 bytes of content, padded to 8. */
	static const uint8_t bytes[] = {4,   0, 0, 0, 4, 0, 0, 0, 5,   0,   0,   0, 'G', 'N',
					'U', 0, 1, 2, 3, 4, 0, 0, 0,   0,   4,   0, 0,   0,
					1,   0, 0, 0, 6, 0, 0, 0, 'G', 'N', 'U', 0, 9};
	struct elf_notes it = elf_notes_of(span_of(bytes, sizeof(bytes)), false, 8);
	struct err err = ERR_INIT;
	struct elf_note n;

	assert_int_equal(elf_notes_next(&it, &n, &err), 1);
	assert_int_equal(elf_notes_next(&it, &n, &err), 1);
	assert_true(elf_note_is(&n, "GNU", 6));
	assert_int_equal(n.desc.ptr[0], 9);
	assert_int_equal(elf_notes_next(&it, &n, &err), 0);

	/* The same of a note in a large file, of which only the header is at hand. */
	struct elf_note_layout l = elf_note_layout(bytes, false, 8);

	assert_int_equal(l.desc_off, 16);
	assert_int_equal(l.total, 24);
	assert_int_equal(elf_note_layout(bytes, false, 4).total, 20);
}

/* The counts that section 0 keeps, where there is none: the file's own header would be read. */
static void section_0_must_be_there(void **state)
{
	(void)state;
	static const size_t counts[] = {0x38, 0x3e};

	for (size_t i = 0; i < 2; i++) {
		struct buf b = make(false, false, 2);
		struct elf_phdrs phdrs = {0};
		struct err err = ERR_INIT;
		struct elf e;

		put_le(b.ptr + 0x28, 0, 8);
		put_le(b.ptr + counts[i], 0xffff, 2);
		assert_int_equal(elf_parse(buf_span(&b), &e, &err), -EBADMSG);
		assert_non_null(strstr(err.text, "has no section headers"));
		assert_int_equal(load(&b, &e, &phdrs, &err), -EBADMSG);
		buf_done(&b);
	}
	/* Nor is it where a count of 0 asks for it, and its size is another. */
	struct buf b = make(false, false, 2);
	struct err err = ERR_INIT;
	struct elf e;

	put_le(b.ptr + 0x28, 0x40, 8);
	put_le(b.ptr + 0x3a, 40, 2);
	put_le(b.ptr + 0x3c, 0, 2);
	assert_int_equal(elf_parse(buf_span(&b), &e, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "section headers of 40 bytes"));
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_classes_and_orders_come_back),
		cmocka_unit_test(more_headers_than_16_bits_count),
		cmocka_unit_test(damage_is_named),
		cmocka_unit_test(a_table_does_not_wrap),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(sections_and_strings),
		cmocka_unit_test(names_are_short),
		cmocka_unit_test(notes_come_back),
		cmocka_unit_test(notes_of_eight_byte_segments),
		cmocka_unit_test(section_0_must_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
