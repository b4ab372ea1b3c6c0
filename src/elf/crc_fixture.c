/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/crc_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/put.h"
#include "elf/writer.h"

struct crc_kernel crc_kernel(void)
{
	return (struct crc_kernel){
		.machine = EM_X86_64,
		.type = ET_EXEC,
		.field = 4,
		.fields = 3,
		.slot = 4,
		.distances = true,
		.symtab = true,
		.sections = true,
		.release = "6.1.0-test",
		.exports = {{"printk", "", 0x92997ed8},
			    {"kfree", "", 0x037a0cba},
			    {"zap_vma_ptes", "MM", 0x00000007},
			    {"__put_net", "", 0xfffffff0}},
	};
}

uint64_t crc_base(const struct crc_kernel *k)
{
	return k->elf32 ? CRC_BASE32 : CRC_BASE64;
}

static void put(const struct crc_kernel *k, uint8_t *at, uint64_t v, unsigned bytes)
{
	(k->big ? put_be : put_le)(at, v, bytes);
}

/* How many are in the first table; the others are in the second. */
static unsigned in_first(const struct crc_kernel *k)
{
	return k->flags ? CRC_FX_SYMBOLS : CRC_FX_PLAIN;
}

/* Where export @i has its entry of @size bytes, the tables being at @plain and @gpl. */
static uint32_t place(const struct crc_kernel *k, unsigned i, uint32_t plain, uint32_t gpl,
		      unsigned size)
{
	return i < in_first(k) ? plain + i * size : gpl + (i - in_first(k)) * size;
}

uint32_t crc_kernel_slot(const struct crc_kernel *k, unsigned i)
{
	return place(k, i, CRC_AT_KCRCTAB, CRC_AT_KCRCTAB_GPL, k->slot);
}

static void field(const struct crc_kernel *k, uint8_t *mem, uint32_t at, uint32_t to)
{
	uint64_t value = k->distances ? (uint64_t)to - at : crc_base(k) + to;

	put(k, mem + at, value, k->field);
}

static void export(const struct crc_kernel *k, uint8_t *mem, unsigned i, uint32_t *strings)
{
	const struct crc_export *x = &k->exports[i];
	uint32_t at = place(k, i, CRC_AT_KSYMTAB, CRC_AT_KSYMTAB_GPL, k->fields * k->field);
	uint32_t slot = crc_kernel_slot(k, i), crc = CRC_AT_RODATA + i * 4;

	memcpy(mem + *strings, x->name, strlen(x->name) + 1);
	field(k, mem, at, 0x100 + i);
	field(k, mem, at + k->field, *strings);
	*strings += (uint32_t)strlen(x->name) + 1;
	if (k->fields > 2 && *x->namespace) {
		memcpy(mem + *strings, x->namespace, strlen(x->namespace) + 1);
		field(k, mem, at + 2 * k->field, *strings);
		*strings += (uint32_t)strlen(x->namespace) + 1;
	}
	if (k->relative)
		put(k, mem + crc, x->crc, 4);
	mem[CRC_AT_FLAGS + i] = k->flags && i >= CRC_FX_PLAIN ? 1 : 0;
	put(k, mem + slot, k->relative ? (uint64_t)crc - slot : x->crc, k->slot);
}

static void dynamic(const struct crc_kernel *k, uint8_t *mem)
{
	const uint64_t tags[][2] = {{DT_RELA, crc_base(k) + CRC_AT_RELA},
				    {DT_RELASZ, k->nrelas * 24ull},
				    {DT_RELAENT, 24},
				    {DT_RELACOUNT, k->relacount}};
	uint8_t *at = mem + CRC_AT_RELA;

	for (unsigned i = 0; i < 8; i++)
		put(k, mem + CRC_AT_DYNAMIC + i * 8, tags[i / 2][i % 2], 8);
	for (unsigned i = 0; i < k->nrelas; i++, at += 24) {
		put(k, at, crc_base(k) + k->relas[i].at, 8);
		put(k, at + 8, (uint64_t)k->relas[i].symbol << 32 | k->relas[i].type, 8);
		put(k, at + 16, k->relas[i].addend, 8);
	}
}

static void memory(const struct crc_kernel *k, uint8_t *mem)
{
	uint32_t strings = CRC_AT_STRINGS;

	memset(mem, 0, CRC_MEMORY);
	put(k, mem + CRC_AT_RUN, 0x72756e30, 4);
	(void)snprintf((char *)mem + CRC_AT_BANNER, 0x80, "Linux version %s (a@b) #1", k->release);
	for (unsigned i = 0; i < 8; i++)
		put(k, mem + CRC_AT_DATA + i * (k->elf32 ? 4 : 8), crc_base(k) + 0x100 + i,
		    k->elf32 ? 4 : 8);
	for (unsigned i = 0; i < CRC_FX_SYMBOLS; i++)
		export(k, mem, i, &strings);
	if (k->nrelas)
		dynamic(k, mem);
}

/* The writer: symbols and sections behind the memory, each with its table of names. */
struct out {
	const struct crc_kernel *k;
	struct buf syms, strtab, shdrs, shstrtab;
	uint32_t sections;
};

static void symbol(struct out *o, const char *name, uint16_t shndx, uint64_t value)
{
	const struct crc_kernel *k = o->k;
	uint8_t at[ELF64_SYM_SIZE] = {0};

	put(k, at, o->strtab.len, 4);
	put(k, at + (k->elf32 ? 4 : 8), value, k->elf32 ? 4 : 8);
	at[k->elf32 ? 12 : 4] = STB_GLOBAL << 4;
	put(k, at + (k->elf32 ? 14 : 6), shndx, 2);
	(void)buf_add(&o->syms, at, k->elf32 ? ELF32_SYM_SIZE : ELF64_SYM_SIZE);
	(void)buf_add(&o->strtab, name, strlen(name) + 1);
}

static void symbols(struct out *o)
{
	const struct crc_kernel *k = o->k;
	const unsigned sym = k->fields * k->field, first = in_first(k),
		       second = CRC_FX_SYMBOLS - first;
	const struct {
		const char *name;
		uint64_t at;
	} bounds[] = {{"__start___ksymtab", CRC_AT_KSYMTAB},
		      {"__stop___ksymtab", CRC_AT_KSYMTAB + sym * first},
		      {"__start___ksymtab_gpl", CRC_AT_KSYMTAB_GPL},
		      {"__stop___ksymtab_gpl", CRC_AT_KSYMTAB_GPL + sym * second},
		      {"__start___kflagstab", CRC_AT_FLAGS},
		      {"__stop___kflagstab", CRC_AT_FLAGS + (k->flags ? first : 0)},
		      {"__start___kcrctab", CRC_AT_KCRCTAB},
		      {"__stop___kcrctab", CRC_AT_KCRCTAB + k->slot * first},
		      {"__start___kcrctab_gpl", CRC_AT_KCRCTAB_GPL},
		      {"__stop___kcrctab_gpl", CRC_AT_KCRCTAB_GPL + k->slot * second}};

	symbol(o, "", 0, 0);
	for (unsigned i = 0; i < sizeof(bounds) / sizeof(*bounds); i++)
		symbol(o, bounds[i].name, 1, crc_base(k) + bounds[i].at);
	for (unsigned i = 0; i < CRC_FX_SYMBOLS; i++) {
		char name[64];
		uint64_t on = k->relative ? CRC_AT_RODATA + i * 4 : crc_kernel_slot(k, i);

		(void)snprintf(name, sizeof(name), "__crc_%s", k->exports[i].name);
		if (k->absolute)
			symbol(o, name, SHN_ABS, k->exports[i].crc);
		else
			symbol(o, name, 1, crc_base(k) + on);
	}
	if (k->extra)
		symbol(o, k->extra, SHN_ABS, 0);
}

static void section(struct out *o, const char *name, struct elf_shdr s)
{
	const struct elf e = {.elf32 = o->k->elf32, .big = o->k->big};

	s.name = (uint32_t)o->shstrtab.len;
	(void)buf_add(&o->shstrtab, name, strlen(name) + 1);
	(void)elf_put_shdr(&o->shdrs, &e, &s);
	o->sections++;
}

/* One in memory, from @at on. */
static void loaded(struct out *o, const char *name, uint32_t type, uint64_t at, uint64_t size)
{
	section(o, name,
		(struct elf_shdr){.type = type,
				  .flags = SHF_ALLOC,
				  .addr = crc_base(o->k) + at,
				  .offset = CRC_FILE_OFF + at,
				  .size = size,
				  .entsize = type == SHT_RELA ? 24 : 0});
}

static void sections(struct out *o)
{
	const struct crc_kernel *k = o->k;
	const uint64_t sym = k->fields * k->field, first = in_first(k),
		       second = CRC_FX_SYMBOLS - first;
	const struct {
		const char *name, *nameless;
		uint64_t at, size;
	} tables[] = {{"__ksymtab", "a", CRC_AT_KSYMTAB, sym * first},
		      {"__ksymtab_gpl", "b", CRC_AT_KSYMTAB_GPL, sym * second},
		      {"__kcrctab", "c", CRC_AT_KCRCTAB, k->slot * first},
		      {"__kcrctab_gpl", "d", CRC_AT_KCRCTAB_GPL, k->slot * second},
		      {"__ksymtab_strings", "e", CRC_AT_STRINGS, 0x200},
		      {"__kflagstab", "f", CRC_AT_FLAGS, k->flags ? first : 0}};

	section(o, "", (struct elf_shdr){0});
	loaded(o, ".rodata", SHT_PROGBITS, 0, CRC_AT_STRINGS);
	for (unsigned i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (tables[i].size)
			loaded(o, k->sections ? tables[i].name : tables[i].nameless, SHT_PROGBITS,
			       tables[i].at, tables[i].size);
	if (k->nrelas) {
		loaded(o, ".dynamic", SHT_DYNAMIC, CRC_AT_DYNAMIC, 5 * 16);
		loaded(o, ".rela.dyn", SHT_RELA, CRC_AT_RELA, k->nrelas * 24);
	}
}

static void file_header(const struct crc_kernel *k, const struct out *o, uint64_t shoff,
			struct buf *out)
{
	struct elf e = {.elf32 = k->elf32,
			.big = k->big,
			.type = k->type,
			.machine = k->machine,
			.entry = crc_base(k),
			.phnum = 1,
			.shoff = shoff,
			.shnum = o->sections,
			.shstrndx = o->sections - 1};
	struct elf_phdr p = {.type = PT_LOAD,
			     .flags = 7,
			     .offset = CRC_FILE_OFF,
			     .vaddr = crc_base(k),
			     .filesz = CRC_MEMORY,
			     .memsz = CRC_MEMORY,
			     .align = 0x1000};

	e.phoff = elf_ehdr_size(&e);
	(void)elf_put_header(out, &e);
	(void)elf_put_phdr(out, &e, &p);
	(void)buf_zero(out, CRC_FILE_OFF - out->len);
}

void crc_kernel_write(const struct crc_kernel *k, struct buf *out)
{
	struct out o = {.k = k};
	uint8_t mem[CRC_MEMORY];
	uint64_t off = CRC_FILE_OFF + CRC_MEMORY;

	memory(k, mem);
	sections(&o);
	if (k->symtab) {
		symbols(&o);
		section(&o, ".symtab",
			(struct elf_shdr){.type = SHT_SYMTAB,
					  .link = o.sections + 1,
					  .offset = off,
					  .size = o.syms.len,
					  .entsize = k->elf32 ? ELF32_SYM_SIZE : ELF64_SYM_SIZE});
		off += o.syms.len;
		section(&o, ".strtab",
			(struct elf_shdr){.type = SHT_STRTAB, .offset = off, .size = o.strtab.len});
		off += o.strtab.len;
	}
	section(&o, ".shstrtab",
		(struct elf_shdr){.type = SHT_STRTAB,
				  .offset = off,

				  .size = o.shstrtab.len + sizeof(".shstrtab")});
	file_header(k, &o, off + o.shstrtab.len, out);
	(void)buf_add(out, mem, sizeof(mem));
	(void)buf_add(out, o.syms.ptr, o.syms.len);
	(void)buf_add(out, o.strtab.ptr, o.strtab.len);
	(void)buf_add(out, o.shstrtab.ptr, o.shstrtab.len);
	(void)buf_add(out, o.shdrs.ptr, o.shdrs.len);
	buf_done(&o.syms);
	buf_done(&o.strtab);
	buf_done(&o.shdrs);
	buf_done(&o.shstrtab);
}

int crc_kernel_save(const struct crc_kernel *k, const char *dir, const char *name)
{
	struct buf file = BUF_INIT;
	char path[4096];
	int r = -1;
	FILE *f;

	crc_kernel_write(k, &file);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f)
		r = fwrite(file.ptr, 1, file.len, f) == file.len ? 0 : -1;
	if (f && fclose(f))
		r = -1;
	buf_done(&file);
	return r;
}
