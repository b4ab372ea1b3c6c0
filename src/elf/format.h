/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF on the wire (System V ABI, chapters 4 and 5; "Extended numbering" there for PN_XNUM): sizes
 * of the fixed records in both classes. Names of values come from <elf.h>; the fields themselves
 * are decoded one by one, because a struct of the host cannot show the other class or byte order.
 */
#pragma once
#include <assert.h>
#include <elf.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	ELF32_EHDR_SIZE = 52,
	ELF64_EHDR_SIZE = 64,
	ELF32_PHDR_SIZE = 32,
	ELF64_PHDR_SIZE = 56,
	ELF32_SHDR_SIZE = 40,
	ELF64_SHDR_SIZE = 64,
	ELF32_SYM_SIZE = 16,
	ELF64_SYM_SIZE = 24,
	ELF_NHDR_SIZE = 12, /* namesz, descsz, type: 4 bytes each in both classes */
	/* More program headers than this (56 MiB) are not read; real dumps have thousands. */
	ELF_PHDR_LIMIT = 1 << 20,
};

static_assert(sizeof(Elf32_Ehdr) == ELF32_EHDR_SIZE && sizeof(Elf64_Ehdr) == ELF64_EHDR_SIZE,
	      "ehdr");
static_assert(sizeof(Elf32_Phdr) == ELF32_PHDR_SIZE && sizeof(Elf64_Phdr) == ELF64_PHDR_SIZE,
	      "phdr");
static_assert(sizeof(Elf32_Shdr) == ELF32_SHDR_SIZE && sizeof(Elf64_Shdr) == ELF64_SHDR_SIZE,
	      "shdr");

/* The ELF header, extended numbering resolved. Offsets are into the file; counts may be 0. */
struct elf {
	bool elf32, big;
	uint16_t type, machine;
	uint32_t flags;
	uint64_t entry, phoff, shoff;
	uint32_t phnum, shnum, shstrndx;
};

struct elf_phdr {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct elf_shdr {
	uint32_t name, type, link, info;
	uint64_t flags, addr, offset, size, align, entsize;
};

static inline unsigned elf_word(const struct elf *e)
{
	return e->elf32 ? 4 : 8;
}

static inline unsigned elf_ehdr_size(const struct elf *e)
{
	return e->elf32 ? ELF32_EHDR_SIZE : ELF64_EHDR_SIZE;
}

static inline unsigned elf_phdr_size(const struct elf *e)
{
	return e->elf32 ? ELF32_PHDR_SIZE : ELF64_PHDR_SIZE;
}

static inline unsigned elf_shdr_size(const struct elf *e)
{
	return e->elf32 ? ELF32_SHDR_SIZE : ELF64_SHDR_SIZE;
}
