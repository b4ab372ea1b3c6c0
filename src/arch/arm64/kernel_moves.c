/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/arm64/kernel_moves.h"

#include <elf.h>

static const struct reloc_field fields[] = {
	{R_AARCH64_NONE, RELOC_FIXED, 0, REACH_WRAPS},
	{R_AARCH64_RELATIVE, RELOC_BASE, 8, REACH_WRAPS},
	{R_AARCH64_ABS64, RELOC_ADDRESS, 8, REACH_WRAPS},
	{R_AARCH64_GLOB_DAT, RELOC_ADDRESS, 8, REACH_WRAPS},
};

/* MIN_KIMG_ALIGN; start code finds the physical address (Documentation/arm64/booting.rst). */
const struct relocate_rules arm64_kernel_moves = {
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(*fields),
	.physical_free = true,
	.align = UINT64_C(2) << 20,
};
