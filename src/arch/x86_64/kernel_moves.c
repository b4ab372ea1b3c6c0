/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/x86_64/kernel_moves.h"

#include <elf.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

/* A name, or with @any all that begin so. */
struct name {
	const char *text;
	bool any;
};

/*
 * Symbols that are addresses though the linker script made them SHN_ABS: the names that the
 * kernel's own tool lists, of all versions (Linux arch/x86/tools/relocs.c, S_REL). All other
 * absolute symbols are numbers; ld keeps relocations for them just the same.
 */
static const struct name absolute[] = {
	{"__init_begin", false},
	{"__init_end", false},
	{"__x86_cpu_dev_start", false},
	{"__x86_cpu_dev_end", false},
	{"__parainstructions", false},
	{"__parainstructions_end", false},
	{"__alt_instructions", false},
	{"__alt_instructions_end", false},
	{"__iommu_table", false},
	{"__iommu_table_end", false},
	{"__apicdrivers", false},
	{"__apicdrivers_end", false},
	{"__smp_locks", false},
	{"__smp_locks_end", false},
	{"__start_pci_", true},
	{"__end_pci_", true},
	{"__start_builtin_fw", false},
	{"__end_builtin_fw", false},
	{"__start___ksymtab", true},
	{"__stop___ksymtab", true},
	{"__start___kcrctab", true},
	{"__stop___kcrctab", true},
	{"__start___param", false},
	{"__stop___param", false},
	{"__start___modver", false},
	{"__stop___modver", false},
	{"__start___bug_table", false},
	{"__stop___bug_table", false},
	{"__tracedata_start", false},
	{"__tracedata_end", false},
	{"__start_notes", false},
	{"__stop_notes", false},
	{"__end_rodata", false},
	{"__end_rodata_aligned", false},
	{"__initramfs_start", false},
	{"jiffies", false},
	{"jiffies_64", false},
	{"__vvar_page", false},
	{"_end", false},
};

/* The same, of 64-bit kernels only. */
static const struct name absolute64[] = {
	{"__per_cpu_load", false},
	{"init_per_cpu__", true},
	{"__end_rodata_hpage_align", false},
};

/* Symbols that linkers put into .data..percpu by mistake (relocs.c, is_percpu_sym). */
static const struct name no_per_cpu[] = {
	{"__init_begin", false},
	{"__per_cpu_load", false},
	{"init_per_cpu_", true},
};

static bool is_among(const struct name *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list[i].text);

		if (!strncmp(name, list[i].text, len) && (list[i].any || !name[len]))
			return true;
	}
	return false;
}

#define AMONG(list, name) is_among(list, sizeof(list) / sizeof(*(list)), name)

static bool absolute_moves(const char *name)
{
	return AMONG(absolute, name);
}

static bool absolute_moves64(const char *name)
{
	return AMONG(absolute, name) || AMONG(absolute64, name);
}

static bool per_cpu_moves(const char *name)
{
	return AMONG(no_per_cpu, name);
}

/* Fields of 8 and 16 bits are real-mode code's, which lies where it lies. */
static const struct reloc_field fields64[] = {
	{R_X86_64_NONE, RELOC_FIXED, 0, REACH_WRAPS},
	{R_X86_64_64, RELOC_ADDRESS, 8, REACH_WRAPS},
	{R_X86_64_32, RELOC_ADDRESS, 4, REACH_UNSIGNED},
	{R_X86_64_32S, RELOC_ADDRESS, 4, REACH_SIGNED},
	{R_X86_64_PC32, RELOC_DISTANCE, 4, REACH_SIGNED},
	{R_X86_64_PLT32, RELOC_DISTANCE, 4, REACH_SIGNED},
	{R_X86_64_PC64, RELOC_DISTANCE, 8, REACH_WRAPS},
	{R_X86_64_16, RELOC_FIXED, 2, REACH_WRAPS},
	{R_X86_64_PC16, RELOC_FIXED, 2, REACH_WRAPS},
	{R_X86_64_8, RELOC_FIXED, 1, REACH_WRAPS},
	{R_X86_64_PC8, RELOC_FIXED, 1, REACH_WRAPS},
	{R_X86_64_GLOB_DAT, RELOC_ADDRESS, 8, REACH_WRAPS},
	{R_X86_64_RELATIVE, RELOC_BASE, 8, REACH_WRAPS},
};

/* Addresses have 32 bits, and so has what is added to them. */
static const struct reloc_field fields32[] = {
	{R_386_NONE, RELOC_FIXED, 0, REACH_WRAPS},
	{R_386_32, RELOC_ADDRESS, 4, REACH_WRAPS},
	{R_386_PC32, RELOC_DISTANCE, 4, REACH_WRAPS},
	{R_386_PLT32, RELOC_DISTANCE, 4, REACH_WRAPS},
	{R_386_GOTOFF, RELOC_FIXED, 4, REACH_WRAPS},
	{R_386_GOTPC, RELOC_FIXED, 4, REACH_WRAPS},
	{R_386_16, RELOC_FIXED, 2, REACH_WRAPS},
	{R_386_PC16, RELOC_FIXED, 2, REACH_WRAPS},
	{R_386_8, RELOC_FIXED, 1, REACH_WRAPS},
	{R_386_PC8, RELOC_FIXED, 1, REACH_WRAPS},
	{R_386_GLOB_DAT, RELOC_ADDRESS, 4, REACH_WRAPS},
	{R_386_RELATIVE, RELOC_BASE, 4, REACH_WRAPS},
};

/*
 * Kernels that keep relocations have KASLR and map 1 GiB from __START_KERNEL_map on
 * (arch/x86/include/asm/page_64_types.h, KERNEL_IMAGE_SIZE). phys_base takes up the physical
 * address, in steps of a page of 2 MiB, below MAXMEM of 4-level paging (head64.c, __startup_64).
 */
const struct relocate_rules x86_64_kernel_moves = {
	.fields = fields64,
	.nfields = sizeof(fields64) / sizeof(*fields64),
	.absolute_moves = absolute_moves64,
	.per_cpu_moves = per_cpu_moves,
	.physical_free = true,
	.list = true,
	.align = 2 * MIB,
	.virt_start = UINT64_C(0xffffffff80000000),
	.virt_end = UINT64_C(0xffffffffc0000000),
	.phys_end = UINT64_C(1) << 46,
};

/*
 * All of the kernel must lie in lowmem: with 128 MiB left for vmalloc, whatever PAGE_OFFSET is.
 * The smallest CONFIG_PHYSICAL_ALIGN that Kconfig takes is 8 KiB.
 */
const struct relocate_rules i386_kernel_moves = {
	.fields = fields32,
	.nfields = sizeof(fields32) / sizeof(*fields32),
	.absolute_moves = absolute_moves,
	.one_delta = true,
	.list = true,
	.align = 0x2000,
	.virt_end = UINT64_C(0xf8000000),
	.phys_end = UINT64_C(1) << 32,
};
