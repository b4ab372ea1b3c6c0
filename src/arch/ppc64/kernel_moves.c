/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/ppc64/kernel_moves.h"

#include <elf.h>

static const struct reloc_field fields[] = {
	{R_PPC64_NONE, RELOC_FIXED, 0, REACH_WRAPS},
	{R_PPC64_RELATIVE, RELOC_BASE, 8, REACH_WRAPS},
	{R_PPC64_ADDR64, RELOC_ADDRESS, 8, REACH_WRAPS},
	{R_PPC64_UADDR64, RELOC_ADDRESS, 8, REACH_WRAPS},
	{R_PPC64_GLOB_DAT, RELOC_ADDRESS, 8, REACH_WRAPS},
};

/* The linear map is PAGE_OFFSET plus the physical address; pages have up to 64 KiB. */
const struct relocate_rules ppc64_kernel_moves = {
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(*fields),
	.one_delta = true,
	.align = 0x10000,
};
