/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/crc_table.h"

#include <inttypes.h>
#include <string.h>

#include "base/ckd.h"
#include "base/cursor.h"
#include "base/put.h"
#include "elf/symbols.h"

/* Kernels export about 10,000. */
#define SYMBOLS_MAX (1u << 18)

/* What stands behind __ksymtab and __kcrctab; include/asm-generic/vmlinux.lds.h. */
static const char *const suffixes[CRC_TABLES] = {"", "_gpl", "_unused", "_unused_gpl",
						 "_gpl_future"};

static const char ksymtab_name[] = "__ksymtab", kcrctab_name[] = "__kcrctab",
		  strings_name[] = "__ksymtab_strings", flags_name[] = "__kflagstab";

/* The table called @name, or NULL. */
static struct range *table_named(struct crc_tables *t, const char *name)
{
	const size_t len = sizeof(ksymtab_name) - 1;
	bool crcs = !strncmp(name, kcrctab_name, len);

	if (!strcmp(name, strings_name))
		return &t->strings;
	if (!strcmp(name, flags_name))
		return &t->flags;
	if (!crcs && strncmp(name, ksymtab_name, len) != 0)
		return NULL;
	for (unsigned i = 0; i < CRC_TABLES; i++)
		if (!strcmp(name + len, suffixes[i]))
			return crcs ? &t->kcrctab[i] : &t->ksymtab[i];
	return NULL;
}

static bool has_tables(const struct crc_tables *t)
{
	for (unsigned i = 0; i < CRC_TABLES; i++)
		if (!range_empty(t->ksymtab[i]) || !range_empty(t->kcrctab[i]))
			return true;
	return false;
}

static const char *section_name(struct span names, const struct elf_shdr *s)
{
	return s->type == SHT_PROGBITS ? elf_string(names, s->name) : NULL;
}

static void find_by_sections(const struct elf *e, struct span file, struct crc_tables *t)
{
	struct elf_shdr strings = elf_shdr_at(e, file, e->shstrndx);
	struct span names = elf_section(file, &strings);

	for (uint32_t i = 0; i < e->shnum; i++) {
		struct elf_shdr s = elf_shdr_at(e, file, i);
		const char *name = section_name(names, &s);
		struct range *r = name ? table_named(t, name) : NULL;
		uint64_t end;

		if (r && s.addr && !ckd_add(&end, s.addr, s.size))
			*r = (struct range){s.addr, end};
	}
}

/* __start___ksymtab_gpl and __stop___ksymtab_gpl: include/asm-generic/vmlinux.lds.h. */
static void find_by_symbols(const struct elf *e, struct span file, struct crc_tables *t)
{
	static const char start[] = "__start_", stop[] = "__stop_";
	struct elf_symbols all;

	if (!elf_symbols_find(e, file, SHT_SYMTAB, &all))
		return;
	for (uint64_t i = 1; i < all.n; i++) {
		struct elf_sym s = elf_symbol_at(&all, i);
		const char *name = elf_symbol_name(&all, &s);
		struct range *r = NULL;
		bool begins = name && !strncmp(name, start, sizeof(start) - 1);

		if (begins)
			r = table_named(t, name + sizeof(start) - 1);
		else if (name && !strncmp(name, stop, sizeof(stop) - 1))
			r = table_named(t, name + sizeof(stop) - 1);
		if (r)
			*(begins ? &r->start : &r->end) = s.value;
	}
}

void crc_tables_find(const struct elf *e, struct span file, struct crc_tables *out)
{
	struct crc_tables t = {0};

	find_by_sections(e, file, &t);
	if (!has_tables(&t))
		find_by_symbols(e, file, &t);
	*out = t;
}

struct span crc_memory_from(const struct elf *e, struct span file, uint64_t addr)
{
	for (uint32_t i = 0; i < e->phnum; i++) {
		struct elf_phdr p = elf_phdr_at(e, file, i);

		if (p.type == PT_LOAD && addr >= p.vaddr && addr - p.vaddr < p.filesz)
			return span_from(elf_segment(file, &p), addr - p.vaddr);
	}
	return (struct span){NULL, 0};
}

struct span crc_memory(const struct elf *e, struct span file, uint64_t addr, uint64_t len)
{
	return span_sub(crc_memory_from(e, file, addr), 0, len);
}

/* The two kinds of dynamic relocations that fill a whole word; 0: none that we know. */
static const struct kinds {
	uint16_t machine;
	uint32_t relative, word;
} kinds[] = {
	{EM_X86_64, R_X86_64_RELATIVE, R_X86_64_64},
	{EM_AARCH64, R_AARCH64_RELATIVE, R_AARCH64_ABS64},
	{EM_PPC64, R_PPC64_RELATIVE, R_PPC64_ADDR64},
	{EM_S390, R_390_RELATIVE, R_390_64},
	{EM_RISCV, R_RISCV_RELATIVE, R_RISCV_64},
};

static const struct kinds *kinds_of(const struct elf *e)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].machine == e->machine && !e->elf32)
			return &kinds[i];
	return NULL;
}

/* Writes @value at @addr, if that lies in @r, whose bytes are @b. */
static void fill(const struct elf *e, struct range r, struct buf *b, uint64_t addr, uint64_t value)
{
	if (!b->len || addr < r.start || addr - r.start > b->len - 8 || b->len < 8)
		return;
	if (e->big)
		put_be(b->ptr + (addr - r.start), value, 8);
	else
		put_le(b->ptr + (addr - r.start), value, 8);
}

static void apply_dynamic(const struct elf *e, struct span file, const struct crc_tables *t,
			  struct buf *ksymtab, struct buf *kcrctab)
{
	const struct kinds *k = kinds_of(e);
	struct elf_symbols symbols = {.n = 0};
	struct elf_shdr s;

	if (!k || !elf_find_section(e, file, ".rela.dyn", &s) || s.type != SHT_RELA)
		return;
	(void)elf_symbols_find(e, file, SHT_DYNSYM, &symbols);
	struct cursor c = cursor_at(elf_section(file, &s), 0, e->big);

	for (;;) {
		uint64_t at = cursor_u64(&c), info = cursor_u64(&c), addend = cursor_u64(&c);
		uint32_t type = (uint32_t)info;

		if (c.bad)
			return;
		if (type == k->word)
			addend += elf_symbol_at(&symbols, info >> 32).value;
		else if (type != k->relative)
			continue;
		for (unsigned i = 0; i < CRC_TABLES; i++) {
			fill(e, t->ksymtab[i], &ksymtab[i], at, addend);
			fill(e, t->kcrctab[i], &kcrctab[i], at, addend);
		}
	}
}

/* Before they are copied: sections may all name the same bytes. */
static int check_sizes(const struct range *tables, const char *name, size_t entry, struct err *err)
{
	const uint64_t most = SYMBOLS_MAX * entry;
	uint64_t sum = 0;

	for (unsigned i = 0; i < CRC_TABLES; i++) {
		uint64_t size = range_size(tables[i]);

		if (size > most - sum)
			return fail(err, EBADMSG, "%s of 0x%" PRIx64 " bytes", name, size);
		sum += size;
	}
	return 0;
}

static int load(const struct elf *e, struct span file, struct range r, const char *name,
		struct buf *out, struct err *err)
{
	struct span s = crc_memory(e, file, r.start, range_size(r));

	if (range_empty(r))
		return 0;
	if (!s.ptr)
		return fail(err, EBADMSG,
			    "%s, 0x%" PRIx64 " to 0x%" PRIx64 ", has no bytes in the file", name,
			    r.start, r.end);
	return buf_add(out, s.ptr, s.len) < 0 ? fail(err, ENOMEM, "no memory") : 0;
}

int crc_tables_load(const struct elf *e, struct span file, const struct crc_tables *t,
		    struct buf *ksymtab, struct buf *kcrctab, struct err *err)
{
	int r = check_sizes(t->ksymtab, ksymtab_name, 3 * sizeof(uint64_t), err);

	if (!r)
		r = check_sizes(t->kcrctab, kcrctab_name, sizeof(uint64_t), err);
	for (unsigned i = 0; !r && i < CRC_TABLES; i++) {
		r = load(e, file, t->ksymtab[i], ksymtab_name, &ksymtab[i], err);
		if (!r)
			r = load(e, file, t->kcrctab[i], kcrctab_name, &kcrctab[i], err);
	}
	if (!r)
		apply_dynamic(e, file, t, ksymtab, kcrctab);
	return r;
}
