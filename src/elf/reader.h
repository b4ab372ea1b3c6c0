/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads ELF32 and ELF64 in either byte order: header, program headers (PN_XNUM too), section
 * headers. Two ways in: a file in memory (a kernel, a purgatory), or a file far larger than memory,
 * read through a callback (a dump). Format: System V ABI, chapters 4 and 5.
 */
#pragma once
#include <stdlib.h>
#include "base/span.h"
#include "core/err.h"
#include "core/vec.h"
#include "elf/format.h"

/*
 * Bytes of a large file. read_at fills all of @buf from @off or fails with a negative errno;
 * -ENODATA: @off + @len lies behind the end. @size in bytes, UINT64_MAX where nobody knows.
 */
struct elf_io {
	int (*read_at)(void *ctx, uint64_t off, void *buf, size_t len);
	void *ctx;
	uint64_t size;
};

struct elf_phdrs VEC_BODY(struct elf_phdr);

/*
 * The header of an ELF file that is wholly in memory. Both tables are checked to lie inside @file.
 * 0 | -ENOEXEC no ELF (@err untouched) | -EBADMSG damaged.
 */
int elf_parse(struct span file, struct elf *out, struct err *err);

/* The same of a file that may be cut behind its program headers; it has no sections then. */
int elf_parse_head(struct span head, struct elf *out, struct err *err);

/* Header @i; zeros where @i is out of range or @file is not what was parsed. */
struct elf_phdr elf_phdr_at(const struct elf *e, struct span file, uint32_t i);
struct elf_shdr elf_shdr_at(const struct elf *e, struct span file, uint32_t i);

/* The file's bytes of a segment or a section; empty where they are not inside (or SHT_NOBITS). */
struct span elf_segment(struct span file, const struct elf_phdr *p);
struct span elf_section(struct span file, const struct elf_shdr *s);

/*
 * A name with its NUL: KSYM_NAME_LEN of include/linux/kallsyms.h is 512. It bounds the work of a
 * file whose names lie one in the other.
 */
#define ELF_NAME_MAX 1024

/* The string at @off of a string table. NULL: it has no end within ELF_NAME_MAX bytes. */
const char *elf_string(struct span table, uint64_t off);

/* Find a section by name; false if there is none. */
bool elf_find_section(const struct elf *e, struct span file, const char *name,
		      struct elf_shdr *out);

/*
 * Header and all program headers of a large file; @phdrs (empty on entry, the caller's vec_done) in
 * file order. 0 | -ENOEXEC no ELF (@err untouched) | -EBADMSG | -ENOMEM | what read_at returned.
 */
int elf_load(const struct elf_io *io, struct elf *out, struct elf_phdrs *phdrs, struct err *err);
