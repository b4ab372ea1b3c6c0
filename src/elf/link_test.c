/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "elf/link.h"
#include "elf/link_fixture.h"

/* Rules of a CPU of this test: type 1 = 8 bytes S+A, 2 = 4 bytes S+A-P, 3 = 4 bytes S+A. */
static int toy_apply(const struct link_reloc *r, struct err *err)
{
	unsigned bytes = r->type == 1 ? 8 : 4;

	if (!r->type || r->type > 3)
		return fail(err, ENOTSUP, "type %u", r->type);
	if (r->room < bytes)
		return fail(err, EBADMSG, "type %u runs off", r->type);
	if (r->type == 3 && r->value > UINT32_MAX)
		return fail(err, ERANGE, "type %u does not reach", r->type);
	put_le(r->at, r->type == 2 ? r->value - r->place : r->value, bytes);
	return 0;
}

static int toy_addend(const struct link_reloc *r, uint64_t *out, struct err *err)
{
	if (r->room < 4)
		return fail(err, EBADMSG, "addend runs off");
	*out = get_le(r->at, 4);
	return 0;
}

static const struct link_rules toy = {.machine = EM_X86_64, .apply = toy_apply};
static const struct link_rules toy_rel = {
	.machine = EM_X86_64, .apply = toy_apply, .addend = toy_addend};

/* Type 3 names the place of a type 2. */
static uint32_t toy_first_half(uint32_t type)
{
	return type == 3 ? 2 : 0;
}

static const struct link_rules toy_split = {
	.machine = EM_X86_64, .apply = toy_apply, .first_half = toy_first_half};

static struct fixture sound(void)
{
	struct fixture f = fixture_init();

	f.relocs[0] = (struct fx_reloc){0, 5, FX_SYM_VAR, 1};
	f.relocs[1] = (struct fx_reloc){8, (uint64_t)-4, FX_SYM_ZERO, 2};
	f.nrelocs = 2;
	return f;
}

/* Opens the fixture; the error text lands in @text. */
static int try_open(const struct fixture *f, const struct link_rules *rules, struct err *err)
{
	struct buf obj = BUF_INIT;
	struct link l;

	*err = (struct err)ERR_INIT;
	fixture_write(f, &obj);
	int r = link_open(buf_span(&obj), rules, &l, err);

	if (!r)
		link_done(&l);
	buf_done(&obj);
	return r;
}

#define assert_refused(f, code, word)                                                              \
	do {                                                                                       \
		struct err e_;                                                                     \
		assert_int_equal(try_open((f), &toy, &e_), -(code));                               \
		if (!strstr(e_.text, (word)))                                                      \
			(print_error("'%s' does not say '%s'\n", e_.text, (word)),                 \
			 assert_true(false));                                                      \
	} while (0)

static void links_where_it_is_told(void **state)
{
	(void)state;
	struct fixture f = sound();
	struct buf obj = BUF_INIT, img = BUF_INIT;
	struct err err = ERR_INIT;
	struct link l;
	uint64_t off, size;
	const uint64_t base = UINT64_C(0x7fff00000000);

	fixture_write(&f, &obj);
	assert_int_equal(link_open(buf_span(&obj), &toy, &l, &err), 0);
	/* Data has pages of its own; bss follows data. */
	assert_int_equal(l.section_off[FX_TEXT], 0);
	assert_int_equal(l.section_off[FX_RODATA], 40);
	assert_int_equal(l.section_off[FX_DATA], LINK_PAGE);
	assert_int_equal(l.data_off, LINK_PAGE);
	assert_int_equal(l.section_off[FX_BSS], LINK_PAGE + 64);
	assert_int_equal(l.size, LINK_PAGE + 64 + 100);
	assert_true(l.section_off[FX_COMMENT] == UINT64_MAX);

	assert_int_equal(buf_puts(&img, "kept"), 0);
	assert_int_equal(link_at(&l, base, &img, &err), 0);
	assert_int_equal(img.len, 4 + l.size);
	assert_memory_equal(img.ptr, "kept", 4);
	const uint8_t *at = img.ptr + 4;

	assert_int_equal(get_le(at, 8), base + LINK_PAGE + 16 + 5);
	assert_int_equal(get_le(at + 8, 4), l.section_off[FX_BSS] - 4 - 8);
	assert_int_equal(at[12], 16 * FX_TEXT + 12);
	assert_int_equal(at[40 + 3], 16 * FX_RODATA + 3);
	assert_int_equal(at[l.size - 1], 0);

	assert_int_equal(link_symbol(&l, "var", &off, &size, &err), 0);
	assert_int_equal(off, LINK_PAGE + 16);
	assert_int_equal(size, 8);
	assert_int_equal(link_symbol(&l, "nothing", &off, NULL, &err), -ENOENT);
	/* Local symbols are not the interface of an object. */
	assert_int_equal(link_symbol(&l, "table", &off, NULL, &err), -ENOENT);
	assert_int_equal(link_symbol(&l, "abs", &off, NULL, &err), -EBADMSG);
	link_done(&l);
	buf_done(&obj);
	buf_done(&img);
}

/* A label in a section that came out empty is still a place. */
static void an_empty_section_has_an_address(void **state)
{
	(void)state;
	struct fixture f = sound();
	struct buf obj = BUF_INIT, img = BUF_INIT;
	struct err err = ERR_INIT;
	struct link l;

	f.sections[FX_RODATA].size = 0;
	f.syms[FX_SYM_TABLE].value = 0;
	f.relocs[0].sym = FX_SYM_TABLE;
	fixture_write(&f, &obj);
	assert_int_equal(link_open(buf_span(&obj), &toy, &l, &err), 0);
	assert_int_equal(link_at(&l, 0x200000, &img, &err), 0);
	assert_int_equal(get_le(img.ptr, 8), 0x200000 + 40 + 5);
	link_done(&l);
	buf_done(&obj);
	buf_done(&img);
}

static void refuses_a_bad_base(void **state)
{
	(void)state;
	struct fixture f = sound();
	struct buf obj = BUF_INIT, img = BUF_INIT;
	struct err err = ERR_INIT;
	struct link l;

	fixture_write(&f, &obj);
	assert_int_equal(link_open(buf_span(&obj), &toy, &l, &err), 0);
	assert_int_equal(link_at(&l, 0x1008, &img, &err), -EINVAL);
	assert_int_equal(link_at(&l, UINT64_MAX - 0xfff, &img, &err), -EOVERFLOW);
	assert_int_equal(img.len, 0);
	link_done(&l);
	buf_done(&obj);
	buf_done(&img);
}

static void what_does_not_reach_leaves_nothing(void **state)
{
	(void)state;
	struct fixture f = sound();
	struct buf obj = BUF_INIT, img = BUF_INIT;
	struct err err = ERR_INIT;
	struct link l;

	f.relocs[1].type = 3;
	fixture_write(&f, &obj);
	assert_int_equal(link_open(buf_span(&obj), &toy, &l, &err), 0);
	assert_int_equal(buf_puts(&img, "kept"), 0);
	assert_int_equal(link_at(&l, UINT64_C(1) << 32, &img, &err), -ERANGE);
	assert_string_equal(err.text, "relocation at '.text'+0x8: type 3 does not reach");
	assert_int_equal(img.len, 4);
	link_done(&l);
	buf_done(&obj);
	buf_done(&img);
}

/* Many tables over the same bytes would make the work grow with the square of the file. */
static void refuses_tables_that_overlap(void **state)
{
	(void)state;
	struct fixture f = sound();
	struct buf obj = BUF_INIT;
	struct err err = ERR_INIT;
	struct link l;

	f.sections[FX_COMMENT].type = SHT_RELA;
	f.sections[FX_COMMENT].info = FX_TEXT;
	f.sections[FX_COMMENT].entsize = 24;
	fixture_write(&f, &obj);
	uint8_t *header = obj.ptr + ELF64_EHDR_SIZE + FX_COMMENT * ELF64_SHDR_SIZE;

	put_le(header + 24, 0, 8);
	put_le(header + 32, obj.len - obj.len % 24, 8);
	assert_int_equal(link_open(buf_span(&obj), &toy, &l, &err), -EBADMSG);
	assert_string_equal(err.text, "relocation sections overlap");
	buf_done(&obj);
}

static void reads_addends_in_place(void **state)
{
	(void)state;
	struct fixture f = sound();
	struct buf obj = BUF_INIT, img = BUF_INIT;
	struct err err = ERR_INIT;
	struct link l;

	f.sections[FX_RELA].type = f.sections[FX_RELA_COMMENT].type = SHT_REL;
	f.sections[FX_RELA].entsize = f.sections[FX_RELA_COMMENT].entsize = 16;
	assert_refused(&f, ENOTSUP, "without addends");
	fixture_write(&f, &obj);
	assert_int_equal(link_open(buf_span(&obj), &toy_rel, &l, &err), 0);
	assert_int_equal(link_at(&l, 0x200000, &img, &err), 0);
	/* The field held 0x13121110. */
	assert_int_equal(get_le(img.ptr, 8), 0x200000 + LINK_PAGE + 16 + 0x13121110);
	link_done(&l);
	buf_done(&obj);
	buf_done(&img);
}

static void links_the_other_class_and_byte_order(void **state)
{
	(void)state;
	struct fixture f = sound();
	const struct link_rules be32 = {
		.machine = EM_PPC, .elf32 = true, .big = true, .apply = toy_apply};
	struct buf obj = BUF_INIT, img = BUF_INIT;
	struct err err = ERR_INIT;
	struct link l;

	f.elf32 = f.big = true;
	f.machine = EM_PPC;
	f.sections[FX_RELA].entsize = f.sections[FX_RELA_COMMENT].entsize = 12;
	f.sections[FX_SYMTAB].entsize = 16;
	fixture_write(&f, &obj);
	assert_int_equal(link_open(buf_span(&obj), &toy, &l, &err), -ENOEXEC);
	assert_int_equal(link_open(buf_span(&obj), &be32, &l, &err), 0);
	assert_int_equal(link_at(&l, 0x200000, &img, &err), 0);
	assert_int_equal(get_le(img.ptr, 8), 0x200000 + LINK_PAGE + 16 + 5);
	img.len = 0;
	assert_int_equal(link_at(&l, 0xfffff000, &img, &err), -EOVERFLOW);
	link_done(&l);
	buf_done(&obj);
	buf_done(&img);
}

static void names_all_undefined_symbols(void **state)
{
	(void)state;
	struct fixture f = sound();
	struct err err;

	f.syms[f.nsyms++] = (struct fx_sym){"memcpy", STT_NOTYPE, STB_GLOBAL, SHN_UNDEF, 0, 0};
	f.syms[f.nsyms++] = (struct fx_sym){"puts\x1b[", STT_NOTYPE, STB_WEAK, SHN_UNDEF, 0, 0};
	assert_int_equal(try_open(&f, &toy, &err), -ENOTSUP);
	assert_string_equal(err.text, "undefined symbols: memcpy puts?[");
	while (f.nsyms < FX_SYMS + 16)
		f.syms[f.nsyms++] = (struct fx_sym){"x", STT_NOTYPE, STB_GLOBAL, SHN_UNDEF, 0, 0};
	assert_refused(&f, ENOTSUP, "and 4 more");
}

static void refuses_by_name(void **state)
{
	(void)state;
	const uint64_t wax = SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR;
	struct fixture good = sound(), f;

	f = good, f.sections[FX_DATA].flags = wax;
	assert_refused(&f, ENOTSUP, "'.data' is both writable and executable");
	f = good, f.relocs[1].type = 77;
	assert_refused(&f, ENOTSUP, "relocation at '.text'+0x8: type 77");
	f = good, f.relocs[1].off = 38;
	assert_refused(&f, EBADMSG, "'.text'+0x26: type 2 runs off");
	f = good, f.relocs[1].off = 40;
	assert_refused(&f, EBADMSG, "'.text'+0x28, behind its end");
	f = good, f.relocs[0].sym = 99;
	assert_refused(&f, EBADMSG, "symbol 99 of 6");
	f = good, f.syms[FX_SYM_VAR].shndx = SHN_COMMON;
	assert_refused(&f, ENOTSUP, "common symbol 'var'");
	f = good, f.syms[FX_SYM_VAR].shndx = FX_COMMENT;
	assert_refused(&f, EBADMSG, "'.comment', which is not loaded");
	f = good, f.syms[FX_SYM_VAR].shndx = 0xfe00;
	assert_refused(&f, EBADMSG, "section 65024 of 11");
	f = good, f.syms[FX_SYM_VAR].type = STT_GNU_IFUNC;
	assert_refused(&f, ENOTSUP, "indirect");
	f = good, f.sections[FX_RELA].info = FX_BSS;
	assert_refused(&f, EBADMSG, "'.bss', which has no bytes");
	/* One behind the last of 11. */
	f = good, f.sections[FX_RELA].info = 11;
	assert_refused(&f, EBADMSG, "'.rela.text' is damaged");
	f = good, f.sections[FX_RELA].info = 99;
	assert_refused(&f, EBADMSG, "'.rela.text' is damaged");
	f = good, f.sections[FX_RELA].entsize = 0;
	assert_refused(&f, EBADMSG, "'.rela.text' is damaged");
	f = good, f.sections[FX_DATA].type = SHT_INIT_ARRAY;
	assert_refused(&f, ENOTSUP, "constructors");
	f = good, f.sections[FX_DATA].flags |= SHF_TLS;
	assert_refused(&f, ENOTSUP, "thread-local");
	f = good, f.sections[FX_BSS].size = UINT64_MAX;
	assert_refused(&f, EBADMSG, "'.bss': size 0xffffffffffffffff");
	f = good, f.sections[FX_BSS].size = LINK_SIZE_MAX;
	assert_refused(&f, EBADMSG, "larger than 16 MiB");
	f = good, f.sections[FX_TEXT].align = UINT64_C(1) << 63;
	assert_refused(&f, EBADMSG, "alignment");
	f = good, f.sections[FX_TEXT].align = 24;
	assert_refused(&f, EBADMSG, "alignment");
	f = good, f.sections[FX_SYMTAB].entsize = 23;
	assert_refused(&f, EBADMSG, "no symbol table");
	f = good, f.sections[FX_COMMENT].type = SHT_SYMTAB;
	assert_refused(&f, EBADMSG, "both symbol tables");
	f = good, f.sections[FX_SYMTAB].link = FX_TEXT;
	assert_refused(&f, EBADMSG, "no names");
	f = good, f.type = ET_EXEC;
	assert_refused(&f, ENOEXEC, "not a relocatable object");
	f = good, f.machine = EM_ARM;
	assert_refused(&f, ENOEXEC, "another CPU");
}

static void a_symbol_outside_its_section_is_no_place_to_write(void **state)
{
	(void)state;
	struct fixture f = sound();
	struct buf obj = BUF_INIT;
	struct err err = ERR_INIT;
	struct link l;
	uint64_t off;

	f.syms[FX_SYM_VAR].size = 9;
	fixture_write(&f, &obj);
	assert_int_equal(link_open(buf_span(&obj), &toy, &l, &err), 0);
	assert_int_equal(link_symbol(&l, "var", &off, NULL, &err), -EBADMSG);
	link_done(&l);
	buf_done(&obj);
}

static void every_cut_is_refused_or_sound(void **state)
{
	(void)state;
	struct fixture f = sound();
	struct buf obj = BUF_INIT;
	struct link l;

	fixture_write(&f, &obj);
	/* Behind the last table that matters only .comment's relocations are lost. */
	for (size_t len = 0; len < obj.len - 2 * 24 - 100; len++) {
		struct err err = ERR_INIT;
		uint8_t *exact = malloc(len ? len : 1);

		memcpy(exact, obj.ptr, len);
		assert_true(link_open(span_of(exact, len), &toy, &l, &err) < 0);
		assert_true(err.text[0]);
		free(exact);
	}
	buf_done(&obj);
}

/* The second half lies before or behind the first, and sees its value. */
static void a_split_value_is_seen_whole(void **state)
{
	(void)state;
	for (unsigned order = 0; order < 2; order++) {
		struct fixture f = sound();
		struct buf obj = BUF_INIT, img = BUF_INIT;
		struct err err = ERR_INIT;
		struct link l;

		f.relocs[order] = (struct fx_reloc){8, 5, FX_SYM_VAR, 2};
		f.relocs[!order] = (struct fx_reloc){0, 0, FX_SYM_START, 3};
		fixture_write(&f, &obj);
		assert_int_equal(link_open(buf_span(&obj), &toy_split, &l, &err), 0);
		assert_int_equal(link_at(&l, 0x200000, &img, &err), 0);
		uint64_t value = get_le(img.ptr, 4), away = get_le(img.ptr + 8, 4);

		assert_int_equal(value, 0x200008 + away);
		link_done(&l);
		buf_done(&obj);
		buf_done(&img);
	}
}

static void a_half_alone_is_refused(void **state)
{
	(void)state;
	struct fixture f = sound();
	struct err err;

	f.relocs[0] = (struct fx_reloc){0, 0, FX_SYM_START, 3};
	f.relocs[1] = (struct fx_reloc){12, 5, FX_SYM_VAR, 2};
	assert_int_equal(try_open(&f, &toy_split, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "no relocation of type 2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_split_value_is_seen_whole),
		cmocka_unit_test(a_half_alone_is_refused),
		cmocka_unit_test(links_where_it_is_told),
		cmocka_unit_test(an_empty_section_has_an_address),
		cmocka_unit_test(refuses_a_bad_base),
		cmocka_unit_test(what_does_not_reach_leaves_nothing),
		cmocka_unit_test(refuses_tables_that_overlap),
		cmocka_unit_test(reads_addends_in_place),
		cmocka_unit_test(links_the_other_class_and_byte_order),
		cmocka_unit_test(names_all_undefined_symbols),
		cmocka_unit_test(refuses_by_name),
		cmocka_unit_test(a_symbol_outside_its_section_is_no_place_to_write),
		cmocka_unit_test(every_cut_is_refused_or_sound),
	};

	return cmocka_run_group_tests_name("elf link", tests, NULL, NULL);
}
