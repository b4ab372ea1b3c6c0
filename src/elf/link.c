/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/link.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/align.h"
#include "base/ckd.h"
#include "base/cursor.h"
#include "elf/symbols.h"

#define NOT_LOADED UINT64_MAX
#define TRIAL_BASE 0x100000u

/* In this order. Code and constants share pages that nobody writes, data and bss the others. */
enum part { PART_NONE = -1, PART_CODE, PART_CONST, PART_DATA, PART_BSS, PARTS };

/* A name from the object, safe to show, the beginning of it at least. */
struct shown {
	char text[64];
};

/* Never looks at more than it shows: a hostile table need not end its names. */
static struct shown show(struct span table, uint64_t off)
{
	struct span s = span_from(table, off);
	struct shown out = {"?"};
	size_t i;

	for (i = 0; i < s.len && s.ptr[i] && i < sizeof(out.text) - 1; i++)
		out.text[i] = s.ptr[i] > ' ' && s.ptr[i] < 0x7f ? (char)s.ptr[i] : '?';
	if (i)
		out.text[i] = '\0';
	return out;
}

static struct shown section_name(const struct link *l, uint32_t i)
{
	struct elf_shdr names = elf_shdr_at(&l->elf, l->obj, l->elf.shstrndx);
	struct elf_shdr s = elf_shdr_at(&l->elf, l->obj, i);

	return show(elf_section(l->obj, &names), s.name);
}

static unsigned sym_size(const struct link *l)
{
	return l->elf.elf32 ? ELF32_SYM_SIZE : ELF64_SYM_SIZE;
}

static uint64_t sym_count(const struct link *l)
{
	return l->symtab.len / sym_size(l);
}

static struct elf_sym sym_at(const struct link *l, uint64_t i)
{
	struct elf_symbols all = {l->symtab, l->strtab, l->elf.elf32, l->elf.big, sym_count(l)};

	return elf_symbol_at(&all, i);
}

static bool is_reloc(const struct elf_shdr *s)
{
	return s->type == SHT_REL || s->type == SHT_RELA;
}

static uint64_t reloc_size(const struct link *l, const struct elf_shdr *s)
{
	return (s->type == SHT_RELA ? 3 : 2) * (uint64_t)elf_word(&l->elf);
}

static enum part part_of(const struct elf_shdr *s)
{
	if (!(s->flags & SHF_ALLOC))
		return PART_NONE;
	if (s->flags & SHF_EXECINSTR)
		return PART_CODE;
	if (!(s->flags & SHF_WRITE))
		return PART_CONST;
	return s->type == SHT_NOBITS ? PART_BSS : PART_DATA;
}

/* What a section that will be loaded must be like. */
static int check_loaded(const struct link *l, uint32_t i, const struct elf_shdr *s, struct err *err)
{
	struct shown name = section_name(l, i);

	if ((s->flags & SHF_WRITE) && (s->flags & SHF_EXECINSTR))
		return fail(err, ENOTSUP, "section '%s' is both writable and executable",
			    name.text);
	if (s->flags & (SHF_TLS | SHF_COMPRESSED))
		return fail(err, ENOTSUP, "section '%s' is thread-local or compressed", name.text);
	/* Nobody runs constructors in a purgatory; silence would be a trap. */
	if (s->type == SHT_INIT_ARRAY || s->type == SHT_FINI_ARRAY || s->type == SHT_PREINIT_ARRAY)
		return fail(err, ENOTSUP, "section '%s' holds constructors", name.text);
	if (s->align > LINK_ALIGN_MAX || (s->align && !align_ok(s->align)))
		return fail(err, EBADMSG, "section '%s': alignment 0x%" PRIx64, name.text,
			    s->align);
	if (s->size > LINK_SIZE_MAX)
		return fail(err, EBADMSG, "section '%s': size 0x%" PRIx64, name.text, s->size);
	if (s->type != SHT_NOBITS && elf_section(l->obj, s).len != s->size)
		return fail_at(err, EBADMSG, s->offset,
			       "section '%s' at 0x%" PRIx64 " runs off the file", name.text,
			       s->offset);
	return 0;
}

/* Gives each section of @part its offset, behind what is laid out already. */
static int lay_out_part(struct link *l, enum part part, struct err *err)
{
	if (part == PART_DATA)
		l->data_off = l->size = align_up(l->size, LINK_PAGE);
	for (uint32_t i = 1; i < l->nsections; i++) {
		struct elf_shdr s = elf_shdr_at(&l->elf, l->obj, i);

		if (part_of(&s) != part)
			continue;
		int r = check_loaded(l, i, &s, err);

		if (r < 0)
			return r;
		uint64_t align = s.align ? s.align : 1;

		l->section_off[i] = align_up(l->size, align);
		l->size = l->section_off[i] + s.size;
		if (l->size > LINK_SIZE_MAX)
			return fail(err, EBADMSG, "the image is larger than %u MiB",
				    LINK_SIZE_MAX >> 20);
		if (align > l->align)
			l->align = align;
	}
	return 0;
}

static int lay_out(struct link *l, struct err *err)
{
	l->section_off = malloc((size_t)l->nsections * sizeof(*l->section_off));
	if (!l->section_off)
		return fail(err, ENOMEM, "no memory for %u sections", l->nsections);
	for (uint32_t i = 0; i < l->nsections; i++)
		l->section_off[i] = NOT_LOADED;
	l->align = LINK_PAGE;
	for (enum part p = PART_CODE; p < PARTS; p++) {
		int r = lay_out_part(l, p, err);

		if (r < 0)
			return r;
	}
	return l->size ? 0 : fail(err, EBADMSG, "no section is to be loaded");
}

static int find_symbols(struct link *l, struct err *err)
{
	struct elf_shdr tab = {0}, str;
	uint32_t found = 0;

	for (uint32_t i = 1; i < l->nsections; i++) {
		struct elf_shdr s = elf_shdr_at(&l->elf, l->obj, i);

		if (s.type != SHT_SYMTAB)
			continue;
		if (found)
			return fail(err, EBADMSG, "sections %u and %u are both symbol tables",
				    found, i);
		found = i;
		tab = s;
	}
	str = elf_shdr_at(&l->elf, l->obj, tab.link);
	l->symtab = elf_section(l->obj, &tab);
	l->strtab = elf_section(l->obj, &str);
	if (!found || !l->symtab.len || tab.entsize != sym_size(l))
		return fail(err, EBADMSG, "no symbol table, or one off the file");
	if (str.type != SHT_STRTAB || !l->strtab.len)
		return fail(err, EBADMSG, "the symbol table has no names");
	return 0;
}

/* The relocation tables of a sound object do not overlap: their sum bounds the work of a link. */
static int check_reloc_tables(const struct link *l, struct err *err)
{
	uint64_t total = 0;

	for (uint32_t i = 1; i < l->nsections; i++) {
		struct elf_shdr s = elf_shdr_at(&l->elf, l->obj, i);

		if (!is_reloc(&s))
			continue;
		if (s.info >= l->nsections || s.entsize != reloc_size(l, &s) ||
		    s.size % s.entsize || elf_section(l->obj, &s).len != s.size)
			return fail(err, EBADMSG, "relocation section '%s' is damaged",
				    section_name(l, i).text);
		if (ckd_add(&total, total, s.size) || total > l->obj.len)
			return fail(err, EBADMSG, "relocation sections overlap");
		if (s.type == SHT_REL && !l->rules->addend && l->section_off[s.info] != NOT_LOADED)
			return fail(err, ENOTSUP, "section '%s': relocations without addends",
				    section_name(l, i).text);
	}
	return 0;
}

static bool is_named(const struct link *l, const struct elf_sym *s, const char *name)
{
	struct span have = span_sub(l->strtab, s->name, strlen(name) + 1);

	return have.ptr && memcmp(have.ptr, name, have.len) == 0;
}

static bool is_base(const struct link *l, const struct elf_sym *s)
{
	return s->shndx == SHN_UNDEF && l->rules->base_symbol &&
	       is_named(l, s, l->rules->base_symbol);
}

static int check_undefined(const struct link *l, struct err *err)
{
	enum { NAMED = 12 };
	struct buf names = BUF_INIT;
	uint64_t n = 0;

	for (uint64_t i = 1; i < sym_count(l); i++) {
		struct elf_sym s = sym_at(l, i);

		if (s.shndx != SHN_UNDEF || ELF64_ST_BIND(s.info) == STB_LOCAL || is_base(l, &s))
			continue;
		if (n++ < NAMED)
			(void)buf_printf(&names, " %s", show(l->strtab, s.name).text);
	}
	int r = 0;

	if (n > NAMED)
		r = fail(err, ENOTSUP, "undefined symbols:%s and %" PRIu64 " more", buf_str(&names),
			 n - NAMED);
	else if (n)
		r = fail(err, ENOTSUP, "undefined symbol%s:%s", n > 1 ? "s" : "", buf_str(&names));
	buf_done(&names);
	return r;
}

int link_open(struct span obj, const struct link_rules *rules, struct link *out, struct err *err)
{
	struct link l = {.obj = obj, .rules = rules};
	struct buf trial = BUF_INIT;
	int r = elf_parse(obj, &l.elf, err);

	if (r == -ENOEXEC)
		return fail(err, ENOEXEC, "not an ELF file");
	if (r < 0)
		return r;
	if (l.elf.type != ET_REL)
		return fail(err, ENOEXEC, "not a relocatable object (ELF type %u)", l.elf.type);
	if (l.elf.machine != rules->machine || l.elf.elf32 != rules->elf32 ||
	    l.elf.big != rules->big)
		return fail(err, ENOEXEC,
			    "an object of another CPU (ELF machine %u, %s-bit %s-endian)",
			    l.elf.machine, l.elf.elf32 ? "32" : "64", l.elf.big ? "big" : "little");
	l.nsections = l.elf.shnum;
	r = lay_out(&l, err);
	if (!r)
		r = find_symbols(&l, err);
	if (!r)
		r = check_reloc_tables(&l, err);
	if (!r)
		r = check_undefined(&l, err);
	if (!r)
		r = link_at(&l, align_up(TRIAL_BASE, l.align), &trial, err);
	buf_done(&trial);
	if (r < 0) {
		link_done(&l);
		return r;
	}
	*out = l;
	return 0;
}

void link_done(struct link *l)
{
	if (!l)
		return;
	free(l->section_off);
	l->section_off = NULL;
}

/* S: the address of symbol @i when the image lies at @base. */
static int symbol_address(const struct link *l, uint64_t i, uint64_t base, uint64_t *out,
			  struct err *err)
{
	if (i >= sym_count(l))
		return fail(err, EBADMSG, "symbol %" PRIu64 " of %" PRIu64, i, sym_count(l));
	struct elf_sym s = sym_at(l, i);
	struct shown name = show(l->strtab, s.name);

	if (ELF64_ST_TYPE(s.info) == STT_TLS || ELF64_ST_TYPE(s.info) == STT_GNU_IFUNC)
		return fail(err, ENOTSUP, "symbol '%s' is thread-local or indirect", name.text);
	if (s.shndx == SHN_COMMON)
		return fail(err, ENOTSUP, "common symbol '%s' (compile with -fno-common)",
			    name.text);
	if (s.shndx == SHN_UNDEF || s.shndx == SHN_ABS) {
		*out = is_base(l, &s) ? base : s.value;
		return 0;
	}
	if (s.shndx >= l->nsections)
		return fail(err, EBADMSG, "symbol '%s' lies in section %u of %u", name.text,
			    s.shndx, l->nsections);
	if (l->section_off[s.shndx] == NOT_LOADED)
		return fail(err, EBADMSG, "symbol '%s' lies in section '%s', which is not loaded",
			    name.text, section_name(l, s.shndx).text);
	*out = base + l->section_off[s.shndx] + s.value;
	return 0;
}

/* The next relocation of a table: its offset in the target section, symbol, type and addend. */
static uint64_t read_reloc(const struct link *l, struct cursor *c, bool rela, uint64_t *sym,
			   struct link_reloc *out)
{
	unsigned word = elf_word(&l->elf);
	uint64_t off = cursor_uint(c, word), info = cursor_uint(c, word);
	uint64_t addend = rela ? cursor_uint(c, word) : 0;

	*sym = l->elf.elf32 ? info >> 8 : info >> 32;
	out->type = l->elf.elf32 ? (uint32_t)(info & 0xff) : (uint32_t)info;
	out->value = l->elf.elf32 ? (uint64_t)(int64_t)(int32_t)addend : addend;
	return off;
}

/*
 * Where @rel, which ends at @pos of @table, only names the place of another relocation: make its
 * value and place those of that one. The section lies at @start. The two stand close together: the
 * nearest are looked at first, and a hostile table is not searched from end to end for each.
 */
static int follow(const struct link *l, const struct elf_shdr *table, size_t pos, uint64_t start,
		  struct link_reloc *rel, struct err *err)
{
	enum { NEAR = 512 };
	uint32_t type = l->rules->first_half ? l->rules->first_half(rel->type) : 0;
	size_t each = (size_t)reloc_size(l, table), here = pos / each - 1;
	struct span all = elf_section(l->obj, table);

	if (!type)
		return 0;
	for (size_t n = 2; n < 2 * NEAR; n++) {
		size_t i = n % 2 ? here + n / 2 : here - n / 2;
		struct link_reloc first = {0};
		uint64_t sym, addr = 0;

		if (i >= all.len / each) /* before the table, too */
			continue;
		struct cursor c = cursor_at(all, i * each, l->elf.big);
		uint64_t off = read_reloc(l, &c, table->type == SHT_RELA, &sym, &first);

		if (c.bad || first.type != type || start + off != rel->value)
			continue;
		int r = symbol_address(l, sym, start - l->section_off[table->info], &addr, err);

		rel->value = first.value + addr;
		rel->place = start + off;
		return r;
	}
	return fail(err, EBADMSG, "type %u: no relocation of type %u at 0x%" PRIx64, rel->type,
		    type, rel->value);
}

/* One table, applied to the image that starts at @image and will lie at @base. */
static int apply_table(const struct link *l, const struct elf_shdr *table, uint64_t base,
		       uint8_t *image, struct err *err)
{
	struct elf_shdr target = elf_shdr_at(&l->elf, l->obj, table->info);
	uint64_t at = l->section_off[table->info];
	struct cursor c = cursor_at(elf_section(l->obj, table), 0, l->elf.big);
	struct shown name = section_name(l, table->info);

	if (target.type == SHT_NOBITS)
		return fail(err, EBADMSG, "relocations for '%s', which has no bytes", name.text);
	while (c.pos < c.in.len) {
		struct link_reloc rel = {0};
		uint64_t sym, addr = 0,
			      off = read_reloc(l, &c, table->type == SHT_RELA, &sym, &rel);
		int r = 0;

		if (c.bad)
			return fail(err, EBADMSG, "the relocations for '%s' end inside one",
				    name.text);
		if (off >= target.size)
			return fail(err, EBADMSG,
				    "relocation at '%s'+0x%" PRIx64 ", behind its end", name.text,
				    off);
		rel.place = base + at + off;
		rel.at = image + at + off;
		rel.room = (size_t)(target.size - off);
		rel.other = sym < sym_count(l) ? sym_at(l, sym).other : 0;
		rel.base = base;
		if (table->type == SHT_REL)
			r = l->rules->addend(&rel, &rel.value, err);
		if (!r)
			r = symbol_address(l, sym, base, &addr, err);
		rel.value += addr;
		if (!r)
			r = follow(l, table, c.pos, base + at, &rel, err);
		if (!r)
			r = l->rules->apply(&rel, err);
		if (r < 0)
			return wrap(err, r, "relocation at '%s'+0x%" PRIx64, name.text, off);
	}
	return 0;
}

static int fill_image(const struct link *l, uint64_t base, uint8_t *image, struct err *err)
{
	for (uint32_t i = 1; i < l->nsections; i++) {
		struct elf_shdr s = elf_shdr_at(&l->elf, l->obj, i);
		struct span bytes = elf_section(l->obj, &s);

		if (l->section_off[i] != NOT_LOADED && bytes.len)
			memcpy(image + l->section_off[i], bytes.ptr, bytes.len);
	}
	for (uint32_t i = 1; i < l->nsections; i++) {
		struct elf_shdr s = elf_shdr_at(&l->elf, l->obj, i);

		if (!is_reloc(&s) || l->section_off[s.info] == NOT_LOADED)
			continue;
		int r = apply_table(l, &s, base, image, err);

		if (r < 0)
			return r;
	}
	return 0;
}

int link_at(const struct link *l, uint64_t base, struct buf *out, struct err *err)
{
	uint64_t end;
	size_t before = out->len;

	if (!align_is(base, l->align))
		return fail(err, EINVAL, "0x%" PRIx64 " is no multiple of 0x%" PRIx64, base,
			    l->align);
	if (ckd_add(&end, base, l->size) || (l->elf.elf32 && end > UINT64_C(1) << 32))
		return fail(err, EOVERFLOW, "an image at 0x%" PRIx64 " passes the end of addresses",
			    base);
	if (buf_zero(out, (size_t)l->size) < 0)
		return fail(err, ENOMEM, "no memory for %" PRIu64 " bytes", l->size);
	int r = fill_image(l, base, out->ptr + before, err);

	if (r < 0)
		out->len = before;
	return r;
}

int link_symbol(const struct link *l, const char *name, uint64_t *off, uint64_t *size,
		struct err *err)
{
	for (uint64_t i = 1; i < sym_count(l); i++) {
		struct elf_sym s = sym_at(l, i);

		if (ELF64_ST_BIND(s.info) == STB_LOCAL || s.shndx == SHN_UNDEF ||
		    !is_named(l, &s, name))
			continue;
		if (s.shndx >= l->nsections || l->section_off[s.shndx] == NOT_LOADED)
			return fail(err, EBADMSG, "symbol '%s' lies in no loaded section", name);
		struct elf_shdr sec = elf_shdr_at(&l->elf, l->obj, s.shndx);

		if (s.value > sec.size || s.size > sec.size - s.value)
			return fail(err, EBADMSG, "symbol '%s' runs off its section", name);
		*off = l->section_off[s.shndx] + s.value;
		if (size)
			*size = s.size;
		return 0;
	}
	return fail(err, ENOENT, "no symbol '%s'", name);
}
