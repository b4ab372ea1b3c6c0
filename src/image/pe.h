/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little that is asked of the PE header by which firmware starts a kernel. Source: Microsoft PE
 * Format, "COFF File Header" and "Section Table".
 */
#pragma once
#include "base/span.h"

#define PE_MACHINE_I386        0x014c
#define PE_MACHINE_ARM         0x01c2 /* "Thumb"; 0x1c4, "ARMNT", is of the same CPU */
#define PE_MACHINE_ARMNT       0x01c4
#define PE_MACHINE_X86_64      0x8664
#define PE_MACHINE_ARM64       0xaa64
#define PE_MACHINE_RISCV64     0x5064
#define PE_MACHINE_LOONGARCH64 0x6264

struct pe {
	uint16_t machine;
	unsigned sections;
	uint64_t table; /* the section headers' offset in the file */
	uint64_t end;   /* of the last section's bytes in the file, which may be cut before it */
};

struct pe_section {
	char name[9];       /* 8 bytes at most, then it has no NUL in the file */
	uint64_t at;        /* its header, in the file */
	uint64_t off, size; /* its bytes in the file: without what pads them there; may be cut */
};

/* 0 | -ENOEXEC: no sound PE header; @out is as it was. */
int pe_read(struct span file, struct pe *out);

/* Section @i of those that pe_read() counted in @file. */
struct pe_section pe_section_at(struct span file, const struct pe *pe, unsigned i);

/* "x86_64" …; NULL for a CPU that is not known here. */
const char *pe_arch(uint16_t machine);
unsigned pe_bits(uint16_t machine); /* 32 or 64 */
