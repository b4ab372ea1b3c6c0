/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The symbol table of an ELF file, either class and byte order: System V ABI, chapter 4, "Symbol
 * Table". st_shndx is as it stands in the file; nothing here follows SHN_XINDEX.
 */
#pragma once
#include "elf/reader.h"

struct elf_sym {
	uint32_t name; /* offset in the table of names */
	uint8_t info, other;
	uint16_t shndx;
	uint64_t value, size;
};

/* @table and @names borrow the file. @n counts the null symbol at 0 too. */
struct elf_symbols {
	struct span table, names;
	bool elf32, big;
	uint64_t n;
};

/* The first section of @type (SHT_SYMTAB, SHT_DYNSYM). False: none, or one that cannot be read. */
bool elf_symbols_find(const struct elf *e, struct span file, uint32_t type,
		      struct elf_symbols *out);

/* Zeros where @i is out of range. */
struct elf_sym elf_symbol_at(const struct elf_symbols *s, uint64_t i);

/* NULL: none, or no end within ELF_NAME_MAX bytes. */
const char *elf_symbol_name(const struct elf_symbols *s, const struct elf_sym *sym);
