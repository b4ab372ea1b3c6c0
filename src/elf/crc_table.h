/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a linked kernel keeps its exported symbols and their CRCs, and the bytes there. For crc.c.
 */
#pragma once
#include "core/buf.h"
#include "elf/crc.h"

/* Virtual addresses as linked; an empty range: there is none. */
struct crc_tables {
	struct range ksymtab[CRC_TABLES]; /* the symbols */
	struct range kcrctab[CRC_TABLES]; /* their CRCs, in the same order */
	struct range strings;             /* their names; where empty, anywhere in the kernel */
	struct range flags;               /* a byte for each symbol of the first table */
};

void crc_tables_find(const struct elf *e, struct span file, struct crc_tables *out);

/*
 * The file's bytes of [addr, addr + len) of a loaded segment; empty (NULL) where they are not all
 * in one.
 */
struct span crc_memory(const struct elf *e, struct span file, uint64_t addr, uint64_t len);

/* All from @addr to the end of its segment's bytes in the file. */
struct span crc_memory_from(const struct elf *e, struct span file, uint64_t addr);

/*
 * Copies of the tables as they are when the kernel runs where it was linked: where a relocation of
 * .rela.dyn fills a word, the file may hold anything there. @ksymtab, @kcrctab: CRC_TABLES each,
 * empty on entry, the caller's. 0 | -EBADMSG: a table has no bytes in the file, or more
 * than any kernel's | -ENOMEM.
 */
int crc_tables_load(const struct elf *e, struct span file, const struct crc_tables *t,
		    struct buf *ksymtab, struct buf *kcrctab, struct err *err);
