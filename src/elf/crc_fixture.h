/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small linked kernel with exported symbols and their CRCs, in any layout that Linux had:
 * crc_kernel() gives one, a test bends what it wants, crc_kernel_write() writes it. One PT_LOAD;
 * every part has its fixed place in it (enum crc_place).
 */
#pragma once
#include "core/buf.h"
#include "elf/format.h"

#define CRC_BASE64 0xc000000000000000ull
#define CRC_BASE32 0xc0000000ull

/* Offsets from the start of the kernel's memory. */
enum crc_place {
	CRC_AT_RUN = 0x5c,     /* ppc64's word __run_at_load */
	CRC_AT_BANNER = 0x80,  /* "Linux version RELEASE ..." */
	CRC_AT_DATA = 0x200,   /* eight words of ordinary data */
	CRC_AT_RODATA = 0x300, /* the CRCs that relative slots lead to */
	CRC_AT_STRINGS = 0x400,
	CRC_AT_KSYMTAB = 0x600,
	CRC_AT_KSYMTAB_GPL = 0x680,
	CRC_AT_KCRCTAB = 0x700,
	CRC_AT_KCRCTAB_GPL = 0x720,
	CRC_AT_FLAGS = 0x760,
	CRC_AT_DYNSYM = 0x780,
	CRC_AT_DYNAMIC = 0x800,
	CRC_AT_RELA = 0x900,
	CRC_MEMORY = 0xc00,
	CRC_FILE_OFF = 0x100, /* of the memory in the file */
};

enum { CRC_FX_SYMBOLS = 4, CRC_FX_PLAIN = 2, CRC_FX_RELAS = 16 };

/* The first two are exported by EXPORT_SYMBOL, the others by EXPORT_SYMBOL_GPL. */
struct crc_export {
	const char *name, *namespace;
	uint32_t crc;
};

struct crc_rela {
	uint64_t at;           /* from the start of memory */
	uint32_t symbol, type; /* halves of r_info */
	uint64_t addend;
};

struct crc_kernel {
	bool elf32, big;
	uint16_t machine, type;
	unsigned field, fields, slot; /* of the tables; bytes, count, bytes */
	bool distances;               /* in __ksymtab */
	bool relative;                /* CRCs in .rodata, distances in __kcrctab */
	bool flags; /* one table for all, and a byte for each that says what is for the GPL only */
	bool symtab, absolute;       /* __crc_ symbols: absolute, or on the CRC's bytes */
	bool sections;               /* named ones; else __start___ksymtab and so on */
	const char *release, *extra; /* @extra: one more absolute symbol, value 0 */
	struct crc_export exports[CRC_FX_SYMBOLS];
	struct crc_rela relas[CRC_FX_RELAS];
	unsigned nrelas, relacount;
};

/* x86_64 as of Linux 6.1, with symbols. */
struct crc_kernel crc_kernel(void);

/* Appends the file; @out is the caller's. */
void crc_kernel_write(const struct crc_kernel *k, struct buf *out);

/* Writes it to a new file, a seed of a fuzz target. 0 or -1. */
int crc_kernel_save(const struct crc_kernel *k, const char *dir, const char *name);

/* Where its memory begins, and the slot of export @i in it. */
uint64_t crc_base(const struct crc_kernel *k);
uint32_t crc_kernel_slot(const struct crc_kernel *k, unsigned i);
