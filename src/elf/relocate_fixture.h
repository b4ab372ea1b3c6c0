/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small linked kernel, described section by section, for relocate_test.c and relocate_fuzz.c:
 * rfx_init gives one of 64 bits with a table of kept relocations; a test adds what it wants.
 */
#pragma once
#include <string.h>
#include "base/put.h"
#include "core/buf.h"
#include "elf/relocate.h"
#include "elf/writer.h"

enum {
	RFX_NULL,
	RFX_TEXT,
	RFX_DATA,
	RFX_PERCPU,
	RFX_RELA,
	RFX_DYN,
	RFX_DYNSYM,
	RFX_NOTES,
	RFX_CRC,
	RFX_DYNAMIC,
	RFX_SYMTAB,
	RFX_STRTAB,
	RFX_SHSTRTAB,
	RFX_DEBUG,
	RFX_RELA_DEBUG,
	RFX_SECTIONS
};
enum { RFX_BYTES = 512 };

#define RFX_PHYS    UINT64_C(0x1000000)
#define RFX_VIRT    UINT64_C(0xffffffff81000000)
#define RFX_SEGMENT UINT64_C(0x1000) /* from the first section of a segment to that of the next */

struct rfx_section {
	const char *name;
	uint32_t type, link, info;
	uint64_t flags, addr, entsize, off;
	uint8_t bytes[RFX_BYTES];
	unsigned len;
};

struct rfx {
	struct elf elf;
	uint64_t phys, virt;
	struct rfx_section s[RFX_SECTIONS];
	unsigned syms, dynsyms;
};

static inline void rfx_put(const struct rfx *f, uint8_t *at, uint64_t v, unsigned bytes)
{
	if (f->elf.big)
		put_be(at, v, bytes);
	else
		put_le(at, v, bytes);
}

/* Append to a section. Returns the offset in it. */
static inline unsigned rfx_add(struct rfx *f, unsigned sec, uint64_t v, unsigned bytes)
{
	struct rfx_section *s = &f->s[sec];
	unsigned at = s->len;

	rfx_put(f, s->bytes + at, v, bytes);
	s->len += bytes;
	return at;
}

static inline unsigned rfx_words(const struct rfx *f)
{
	return elf_word(&f->elf);
}

static inline uint32_t rfx_name(struct rfx *f, const char *name)
{
	struct rfx_section *s = &f->s[RFX_STRTAB];
	uint32_t at = s->len;

	memcpy(s->bytes + at, name, strlen(name) + 1);
	s->len += (unsigned)strlen(name) + 1;
	return at;
}

/* Returns the symbol's number. @table: RFX_SYMTAB or RFX_DYNSYM. */
static inline uint32_t rfx_sym(struct rfx *f, unsigned table, const char *name, uint16_t shndx,
			       uint64_t value)
{
	unsigned word = rfx_words(f);

	rfx_add(f, table, rfx_name(f, name), 4);
	if (word == 4) {
		rfx_add(f, table, value, 4);
		rfx_add(f, table, 0, 4);
	}
	rfx_add(f, table, STB_GLOBAL << 4, 1);
	rfx_add(f, table, 0, 1);
	rfx_add(f, table, shndx, 2);
	if (word == 8) {
		rfx_add(f, table, value, 8);
		rfx_add(f, table, 0, 8);
	}
	return table == RFX_SYMTAB ? f->syms++ : f->dynsyms++;
}

static inline uint64_t rfx_at(const struct rfx *f, unsigned sec, unsigned off)
{
	return f->s[sec].addr + off;
}

/* One more relocation in @table, for the field at address @at. */
static inline void rfx_reloc(struct rfx *f, unsigned table, uint64_t at, uint32_t type,
			     uint32_t sym, uint64_t addend)
{
	unsigned word = rfx_words(f);

	rfx_add(f, table, at, word);
	rfx_add(f, table, word == 4 ? sym << 8 | type : (uint64_t)sym << 32 | type, word);
	if (f->s[table].type == SHT_RELA)
		rfx_add(f, table, addend, word);
}

static inline void rfx_section(struct rfx *f, unsigned i, const char *name, uint32_t type,
			       uint64_t flags, uint64_t addr)
{
	f->s[i] = (struct rfx_section){.name = name, .type = type, .flags = flags, .addr = addr};
}

/* Sections of @f's class and byte order; nothing in them but the null symbols. */
static inline void rfx_init(struct rfx *f, bool elf32, bool big)
{
	const uint64_t alloc = SHF_ALLOC, write = SHF_ALLOC | SHF_WRITE;
	uint64_t virt = elf32 ? 0xc1000000 : RFX_VIRT;
	unsigned word = elf32 ? 4 : 8, sym = elf32 ? ELF32_SYM_SIZE : ELF64_SYM_SIZE;
	uint32_t rela = elf32 ? SHT_REL : SHT_RELA;

	*f = (struct rfx){
		.elf = {.elf32 = elf32, .big = big, .type = ET_EXEC, .machine = EM_X86_64},
		.phys = RFX_PHYS,
		.virt = virt};
	f->elf.entry = RFX_PHYS;
	rfx_section(f, RFX_TEXT, ".text", SHT_PROGBITS, alloc | SHF_EXECINSTR, virt);
	rfx_section(f, RFX_DATA, ".data", SHT_PROGBITS, write, virt + 0x200);
	rfx_section(f, RFX_DYN, ".rela.dyn", rela, alloc, virt + 0x400);
	rfx_section(f, RFX_DYNSYM, ".dynsym", SHT_DYNSYM, alloc, virt + 0x600);
	rfx_section(f, RFX_NOTES, ".notes", SHT_NOTE, alloc, virt + 0x800);
	rfx_section(f, RFX_CRC, "__kcrctab", SHT_PROGBITS, alloc, virt + 0xa00);
	rfx_section(f, RFX_DYNAMIC, ".dynamic", SHT_DYNAMIC, write, virt + 0xb00);
	rfx_section(f, RFX_PERCPU, ".data..percpu", SHT_PROGBITS, write, 0);
	rfx_section(f, RFX_RELA, ".rela.text", rela, 0, 0);
	rfx_section(f, RFX_SYMTAB, ".symtab", SHT_SYMTAB, 0, 0);
	rfx_section(f, RFX_STRTAB, ".strtab", SHT_STRTAB, 0, 0);
	rfx_section(f, RFX_SHSTRTAB, ".shstrtab", SHT_STRTAB, 0, 0);
	rfx_section(f, RFX_DEBUG, ".debug_info", SHT_PROGBITS, 0, 0);
	rfx_section(f, RFX_RELA_DEBUG, ".rela.debug_info", rela, 0, 0);
	f->s[RFX_RELA].link = f->s[RFX_RELA_DEBUG].link = RFX_SYMTAB;
	f->s[RFX_RELA].info = RFX_TEXT;
	f->s[RFX_RELA_DEBUG].info = RFX_DEBUG;
	f->s[RFX_DYN].link = RFX_DYNSYM;
	f->s[RFX_SYMTAB].link = f->s[RFX_DYNSYM].link = RFX_STRTAB;
	f->s[RFX_SYMTAB].entsize = f->s[RFX_DYNSYM].entsize = sym;
	f->s[RFX_RELA].entsize = f->s[RFX_RELA_DEBUG].entsize = f->s[RFX_DYN].entsize =
		(rela == SHT_RELA ? 3 : 2) * word;
	f->s[RFX_STRTAB].len = 1;
	f->s[RFX_SYMTAB].len = f->s[RFX_DYNSYM].len = sym;
	f->syms = f->dynsyms = 1;
}

/* Everything before .data..percpu, from @phys and @virt on, in one segment; it in the second. */
static inline void rfx_phdrs(const struct rfx *f, struct buf *out)
{
	struct elf_phdr text = {.type = PT_LOAD,
				.flags = 7,
				.offset = RFX_SEGMENT,
				.vaddr = f->virt,
				.paddr = f->phys,
				.filesz = 0xc00,
				.memsz = 0xe00,
				.align = 0x1000};
	struct elf_phdr percpu = {.type = PT_LOAD,
				  .flags = 6,
				  .offset = 2 * RFX_SEGMENT,
				  .vaddr = f->s[RFX_PERCPU].addr,
				  .paddr = f->phys + RFX_SEGMENT,
				  .filesz = 0x200,
				  .memsz = 0x200,
				  .align = 0x1000};
	struct elf_phdr note = {.type = PT_NOTE,
				.offset = RFX_SEGMENT + 0x800,
				.vaddr = f->virt + 0x800,
				.paddr = f->phys + 0x800,
				.filesz = f->s[RFX_NOTES].len,
				.memsz = f->s[RFX_NOTES].len,
				.align = 4};

	(void)elf_put_phdr(out, &f->elf, &text);
	(void)elf_put_phdr(out, &f->elf, &percpu);
	(void)elf_put_phdr(out, &f->elf, &note);
}

static inline void rfx_pad(struct buf *out, size_t to)
{
	if (out->len < to)
		(void)buf_zero(out, to - out->len);
}

static inline void rfx_bytes(struct rfx *f, struct buf *out)
{
	for (unsigned i = 1; i < RFX_SECTIONS; i++) {
		struct rfx_section *s = &f->s[i];

		if (!(s->flags & SHF_ALLOC))
			s->off = 3 * RFX_SEGMENT + (uint64_t)i * RFX_BYTES;
		else if (i == RFX_PERCPU)
			s->off = 2 * RFX_SEGMENT;
		else
			s->off = RFX_SEGMENT + (s->addr - f->virt);
		rfx_pad(out, (size_t)s->off + RFX_BYTES);
		memcpy(out->ptr + s->off, s->bytes, s->len);
	}
}

/* The file, appended to @out, which is empty. */
static inline void rfx_write(struct rfx *f, struct buf *out)
{
	uint32_t names[RFX_SECTIONS];

	f->s[RFX_SHSTRTAB].len = 1;
	for (unsigned i = 1; i < RFX_SECTIONS; i++) {
		struct rfx_section *t = &f->s[RFX_SHSTRTAB];

		names[i] = t->len;
		memcpy(t->bytes + t->len, f->s[i].name, strlen(f->s[i].name) + 1);
		t->len += (unsigned)strlen(f->s[i].name) + 1;
	}
	f->elf.phoff = elf_ehdr_size(&f->elf);
	f->elf.phnum = 3;
	f->elf.shoff = 3 * RFX_SEGMENT + RFX_SECTIONS * RFX_BYTES;
	f->elf.shnum = RFX_SECTIONS;
	f->elf.shstrndx = RFX_SHSTRTAB;
	(void)elf_put_header(out, &f->elf);
	rfx_phdrs(f, out);
	rfx_bytes(f, out);
	rfx_pad(out, (size_t)f->elf.shoff);
	for (unsigned i = 0; i < RFX_SECTIONS; i++) {
		const struct rfx_section *s = &f->s[i];
		struct elf_shdr h = {.name = i ? names[i] : 0,
				     .type = s->type,
				     .link = s->link,
				     .info = s->info,
				     .flags = s->flags,
				     .addr = s->addr,
				     .offset = s->off,
				     .size = s->len,
				     .align = 1,
				     .entsize = s->entsize};

		(void)elf_put_shdr(out, &f->elf, i ? &h : &(struct elf_shdr){0});
	}
}

/* What stands at @off of section @sec in the file @b. */
static inline uint64_t rfx_get(const struct rfx *f, const struct buf *b, unsigned sec, unsigned off,
			       unsigned bytes)
{
	const uint8_t *at = b->ptr + f->s[sec].off + off;

	return f->elf.big ? get_be(at, bytes) : get_le(at, bytes);
}
