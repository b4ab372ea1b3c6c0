/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The crash header (elfcorehdr): the ELF core header through which the next kernel sees the memory
 * and the CPUs of this one. One builder for every CPU; what differs comes in as crash_traits.
 * Format: docs/formats/elfcorehdr.md.
 */
#pragma once
#include <stdbool.h>
#include "core/buf.h"
#include "core/err.h"
#include "machine/machine.h"

struct crash_traits {
	uint16_t elf_machine; /* EM_X86_64 … */
	uint32_t elf_flags;   /* e_flags; 2 for ppc64 ABIv2 */
	bool elf32;
	bool big;
	/* A 32-bit CPU whose capture kernel takes ELF64 too: memory above 4 GiB needs it. */
	bool elf64_if_needed;
	uint64_t backup_end; /* the purgatory saves the memory below; 0 = none */
};

struct crash_input {
	/* Normal: memory of the old kernel, crash regions already excluded. */
	struct range_list ram;
	const struct cpu_note *notes;
	size_t nnotes;
	struct range vmcoreinfo; /* empty = none */
	/*
	 * p_vaddr = p_paddr + linear_offset (mod 2^64). All ones without has_linear, and in ELF32
	 * where the range would leave the 4 GiB (highmem).
	 */
	bool has_linear;
	uint64_t linear_offset;
	uint64_t linear_end; /* what lies here and above is not in the linear map; 0 = no limit */
	struct range text; /* physical; empty = not mapped apart from the linear map */
	uint64_t text_va;
	struct range backup; /* source; empty = none */
	uint64_t backup_at;  /* where the purgatory copies it: becomes the p_offset of that part */
};

/*
 * Write the header to @out (empty on entry). The size depends on everything but the addresses, so a
 * caller may build it once with backup_at = 0 to learn the size and again when the place is known.
 * 0 | -EOVERFLOW more than 65,534 program headers (the reason names the count) | -ERANGE an address
 * that ELF32 cannot hold | -ENOMEM.
 */
int elfcorehdr_build(const struct crash_traits *traits, const struct crash_input *in,
		     struct buf *out, struct err *err);
