/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Module CRCs (CONFIG_MODVERSIONS): for every symbol that a kernel exports, the checksum of its
 * declaration, which a module must bring to be let in. They look like addresses to whoever
 * relocates a kernel, and are none. Format: docs/formats/module-crcs.md; Linux
 * include/linux/export.h, kernel/module/version.c, scripts/mod/modpost.c.
 */
#pragma once
#include "base/range.h"
#include "elf/reader.h"

/* Which table a symbol is exported by; in the order of crc_kind_name(). */
enum crc_kind {
	CRC_EXPORT,
	CRC_EXPORT_GPL,
	CRC_EXPORT_UNUSED,     /* until 5.11 */
	CRC_EXPORT_UNUSED_GPL, /* until 5.11 */
	CRC_EXPORT_GPL_FUTURE, /* until 5.11 */
	CRC_TABLES,
	CRC_EXPORT_UNKNOWN = CRC_TABLES, /* no table: known by its __crc_ symbol alone */
};

/*
 * Where the CRCs of a linked kernel lie: virtual addresses as linked, one range for each __kcrctab
 * section that is not empty. A relocation whose target (r_offset) lies there must not be applied:
 * the slot holds a checksum, or the distance to one.
 */
struct crc_slots {
	struct range v[CRC_TABLES];
	size_t n; /* 0: the kernel has none (CONFIG_MODVERSIONS is off), or nothing tells where */
};

/* By sections, else by the symbols __start___kcrctab and so on. Never fails; @e is of @file. */
void crc_slots(const struct elf *e, struct span file, struct crc_slots *out);

static inline bool crc_slots_have(const struct crc_slots *s, uint64_t addr)
{
	for (size_t i = 0; i < s->n; i++)
		if (range_has(s->v[i], addr))
			return true;
	return false;
}

struct crc_symbol {
	const char *name;      /* borrows the file */
	const char *namespace; /* borrows the file; "" = none */
	uint32_t crc;          /* 0 where the build found no declaration to sum */
	enum crc_kind kind;
};

/* Sorted by name (strcmp). */
struct crc_list {
	struct crc_symbol *v;
	size_t n, cap;
	/* Tables and __crc_ symbols contradict each other: how often, and where first. */
	size_t contradictions;
	const char *first;
};

/*
 * All exported symbols of a linked kernel, by __ksymtab and __kcrctab, of whatever layout; where
 * there are no tables, by the __crc_ symbols. @out is empty on entry, the caller's to
 * crc_list_done(). 0 | -ENOEXEC no ELF (@err untouched) | -ENOTSUP: it has no CRCs, or nothing
 * tells where they are | -EBADMSG damaged | -ENOMEM.
 */
int crc_read(struct span file, struct crc_list *out, struct err *err);
void crc_list_done(struct crc_list *l);

/* The word of Module.symvers: "EXPORT_SYMBOL", "EXPORT_SYMBOL_GPL" …, "(unknown)". */
const char *crc_kind_name(enum crc_kind k);
