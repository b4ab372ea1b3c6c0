/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small ET_REL object, described field by field, for link_test.c and link_fuzz.c: fixture_init
 * gives a sound one; a test bends what it wants and writes it.
 */
#pragma once
#include <string.h>
#include "base/put.h"
#include "core/buf.h"
#include "elf/writer.h"

/* Section numbers of fixture_init. */
enum { FX_NULL, FX_TEXT, FX_RODATA, FX_DATA, FX_BSS, FX_RELA, FX_SYMTAB, FX_STRTAB, FX_SHSTRTAB,
       FX_COMMENT, FX_RELA_COMMENT, FX_SECTIONS };
enum { FX_SYM_NULL, FX_SYM_START, FX_SYM_TABLE, FX_SYM_VAR, FX_SYM_ZERO, FX_SYM_ABS, FX_SYMS };

struct fx_section {
	const char *name;
	uint32_t type;
	uint64_t flags, size, align;
	uint32_t link, info;
	uint64_t entsize;
};

struct fx_sym {
	const char *name;
	uint8_t type, bind;
	uint16_t shndx;
	uint64_t value, size;
};

struct fx_reloc {
	uint64_t off, addend;
	uint32_t sym, type;
};

struct fixture {
	bool elf32, big;
	uint16_t machine, type;
	struct fx_section sections[FX_SECTIONS];
	struct fx_sym syms[FX_SYMS + 16];
	unsigned nsyms;
	struct fx_reloc relocs[8];
	unsigned nrelocs;
};

static inline void fx_uint(struct buf *b, const struct fixture *f, uint64_t v, unsigned bytes)
{
	uint8_t at[8];

	if (f->big)
		put_be(at, v, bytes);
	else
		put_le(at, v, bytes);
	(void)buf_add(b, at, bytes);
}

static inline void fx_word(struct buf *b, const struct fixture *f, uint64_t v)
{
	fx_uint(b, f, v, f->elf32 ? 4 : 8);
}

static inline struct fixture fixture_init(void)
{
	const uint64_t alloc = SHF_ALLOC;

	return (struct fixture){
		.machine = EM_X86_64,
		.type = ET_REL,
		.sections = {
			[FX_TEXT] = {".text", SHT_PROGBITS, alloc | SHF_EXECINSTR, 40, 16},
			[FX_RODATA] = {".rodata", SHT_PROGBITS, alloc, 16, 8},
			[FX_DATA] = {".data", SHT_PROGBITS, alloc | SHF_WRITE, 24, 8},
			[FX_BSS] = {".bss", SHT_NOBITS, alloc | SHF_WRITE, 100, 64},
			[FX_RELA] = {".rela.text", SHT_RELA, 0, 0, 8, FX_SYMTAB, FX_TEXT, 24},
			[FX_SYMTAB] = {".symtab", SHT_SYMTAB, 0, 0, 8, FX_STRTAB, 1, 24},
			[FX_STRTAB] = {".strtab", SHT_STRTAB, 0, 0, 1},
			[FX_SHSTRTAB] = {".shstrtab", SHT_STRTAB, 0, 0, 1},
			[FX_COMMENT] = {".comment", SHT_PROGBITS, 0, 8, 1},
			[FX_RELA_COMMENT] = {".rela.comment", SHT_RELA, 0, 0, 8, FX_SYMTAB,
					     FX_COMMENT, 24},
		},
		.syms = {
			[FX_SYM_START] = {"start", STT_FUNC, STB_GLOBAL, FX_TEXT, 8, 16},
			[FX_SYM_TABLE] = {"table", STT_OBJECT, STB_LOCAL, FX_RODATA, 4, 8},
			[FX_SYM_VAR] = {"var", STT_OBJECT, STB_GLOBAL, FX_DATA, 16, 8},
			[FX_SYM_ZERO] = {"zero", STT_OBJECT, STB_GLOBAL, FX_BSS, 0, 100},
			[FX_SYM_ABS] = {"abs", STT_NOTYPE, STB_GLOBAL, SHN_ABS, 0x1234, 0},
		},
		.nsyms = FX_SYMS,
		.relocs = {
			{0, 0, FX_SYM_VAR, R_X86_64_64},
			{8, (uint64_t)-4, FX_SYM_START, R_X86_64_PC32},
			{12, 4, FX_SYM_TABLE, R_X86_64_32},
			{16, 0, FX_SYM_ABS, R_X86_64_32S},
			{20, (uint64_t)-4, FX_SYM_ZERO, R_X86_64_PLT32},
		},
		.nrelocs = 5,
	};
}

static inline void fx_sym_write(struct buf *b, const struct fixture *f, const struct fx_sym *s,
				uint64_t name)
{
	fx_uint(b, f, name, 4);
	if (f->elf32) {
		fx_word(b, f, s->value);
		fx_word(b, f, s->size);
	}
	fx_uint(b, f, (uint64_t)(s->bind << 4 | s->type), 1);
	fx_uint(b, f, 0, 1);
	fx_uint(b, f, s->shndx, 2);
	if (!f->elf32) {
		fx_word(b, f, s->value);
		fx_word(b, f, s->size);
	}
}

static inline void fx_relocs_write(struct buf *b, const struct fixture *f, bool rela)
{
	for (unsigned i = 0; i < f->nrelocs; i++) {
		const struct fx_reloc *r = &f->relocs[i];

		fx_word(b, f, r->off);
		fx_word(b, f, f->elf32 ? (uint64_t)r->sym << 8 | r->type :
			      (uint64_t)r->sym << 32 | r->type);
		if (rela)
			fx_word(b, f, r->addend);
	}
}

/* The bytes of section @i; bytes of code and data count up from 16 times the section's number. */
static inline void fx_content(struct buf *b, const struct fixture *f, unsigned i)
{
	const struct fx_section *s = &f->sections[i];
	uint64_t name = 1;

	if (s->type == SHT_NOBITS || !i)
		return;
	for (uint8_t n = 0; n < s->size; n++)
		fx_uint(b, f, (uint8_t)(16 * i + n), 1);
	if (i == FX_RELA || i == FX_RELA_COMMENT)
		fx_relocs_write(b, f, s->type == SHT_RELA);
	for (unsigned n = 0; i == FX_SYMTAB && n < f->nsyms; n++) {
		const char *text = f->syms[n].name ? f->syms[n].name : "";

		fx_sym_write(b, f, &f->syms[n], *text ? name : 0);
		name += *text ? strlen(text) + 1 : 0;
	}
	if (i == FX_STRTAB || i == FX_SHSTRTAB)
		fx_uint(b, f, 0, 1);
	for (unsigned n = 0; i == FX_STRTAB && n < f->nsyms; n++)
		if (f->syms[n].name)
			(void)buf_add(b, f->syms[n].name, strlen(f->syms[n].name) + 1);
	for (unsigned n = 1; i == FX_SHSTRTAB && n < FX_SECTIONS; n++)
		(void)buf_add(b, f->sections[n].name, strlen(f->sections[n].name) + 1);
}

/* Writes the object to @out (empty): ELF header, section headers, contents. */
static inline void fixture_write(const struct fixture *f, struct buf *out)
{
	struct elf e = {.elf32 = f->elf32, .big = f->big, .type = f->type, .machine = f->machine};
	struct buf body = BUF_INIT;
	uint32_t name = 1;

	e.shoff = elf_ehdr_size(&e);
	e.shnum = FX_SECTIONS;
	e.shstrndx = FX_SHSTRTAB;
	uint64_t at = e.shoff + (uint64_t)FX_SECTIONS * elf_shdr_size(&e);

	(void)elf_put_header(out, &e);
	for (unsigned i = 0; i < FX_SECTIONS; i++) {
		const struct fx_section *s = &f->sections[i];
		size_t before = body.len;

		fx_content(&body, f, i);
		struct elf_shdr h = {.name = i ? name : 0, .type = s->type, .flags = s->flags,
				     .offset = at + before, .link = s->link, .info = s->info,
				     .align = s->align, .entsize = s->entsize,
				     .size = s->type == SHT_NOBITS ? s->size : body.len - before};

		(void)elf_put_shdr(out, &e, &h);
		name += i ? (uint32_t)strlen(s->name) + 1 : 0;
	}
	(void)buf_add(out, body.ptr, body.len);
	buf_done(&body);
}
