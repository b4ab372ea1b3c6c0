/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/riscv64/kernel_moves.h"

#include <elf.h>

static const struct reloc_field fields[] = {
	{R_RISCV_NONE, RELOC_FIXED, 0, REACH_WRAPS},
	{R_RISCV_RELATIVE, RELOC_BASE, 8, REACH_WRAPS},
	{R_RISCV_64, RELOC_ADDRESS, 8, REACH_WRAPS},
};

/* Start code finds the physical address, in steps of a PMD (arch/riscv/mm/init.c). */
const struct relocate_rules riscv64_kernel_moves = {
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(*fields),
	.physical_free = true,
	.align = UINT64_C(2) << 20,
};
