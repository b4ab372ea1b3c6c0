/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/s390x/kernel_moves.h"

#include <elf.h>

/*
 * .rela.dyn until Linux 6.9, then kept relocations and a list made of them. Distances count in
 * halfwords and stay, as in the kernel's own tool (Linux arch/s390/tools/relocs.c).
 */
static const struct reloc_field fields[] = {
	{R_390_NONE, RELOC_FIXED, 0, REACH_WRAPS},
	{R_390_64, RELOC_ADDRESS, 8, REACH_WRAPS},
	{R_390_GLOB_DAT, RELOC_ADDRESS, 8, REACH_WRAPS},
	{R_390_JMP_SLOT, RELOC_ADDRESS, 8, REACH_WRAPS},
	{R_390_RELATIVE, RELOC_BASE, 8, REACH_WRAPS},
	{R_390_PC16DBL, RELOC_FIXED, 2, REACH_WRAPS},
	{R_390_PC32, RELOC_FIXED, 4, REACH_WRAPS},
	{R_390_PC64, RELOC_FIXED, 8, REACH_WRAPS},
	{R_390_PC32DBL, RELOC_FIXED, 4, REACH_WRAPS},
	{R_390_PLT32DBL, RELOC_FIXED, 4, REACH_WRAPS},
	{R_390_GOTENT, RELOC_FIXED, 4, REACH_WRAPS},
	{R_390_GOTPCDBL, RELOC_FIXED, 4, REACH_WRAPS},
	{R_390_GOTOFF64, RELOC_FIXED, 8, REACH_WRAPS},
};

/* The step of the kernel's own KASLR: arch/s390/boot/kaslr.c, THREAD_SIZE. */
const struct relocate_rules s390x_kernel_moves = {
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(*fields),
	.follows = true,
	.got = true,
	.align = 0x4000,
};
