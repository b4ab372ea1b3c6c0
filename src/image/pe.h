/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little that is asked of the PE header by which firmware starts a kernel. Source: Microsoft PE
 * Format, "COFF File Header" and "Section Table".
 */
#pragma once
#include "base/span.h"

#define PE_MACHINE_ARM64   0xaa64
#define PE_MACHINE_RISCV64 0x5064

struct pe {
	uint16_t machine;
	uint64_t end; /* of the last section's bytes in the file, which may be cut before it */
};

/* 0 | -ENOEXEC: no sound PE header; @out is as it was. */
int pe_read(struct span file, struct pe *out);
