/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moves a linked kernel (an ELF vmlinux) to other addresses by the relocations that it kept, as its
 * own start code would, and so that the file describes the moved kernel: headers, symbols and the
 * relocations themselves move along, and a second move works. Format: docs/formats/relocations.md;
 * Linux arch/x86/tools/relocs.c, arch/x86/boot/compressed/misc.c, handle_relocations().
 */
#pragma once
#include <stdbool.h>
#include "core/buf.h"
#include "core/err.h"

enum reloc_kind {
	RELOC_FIXED,    /* does not change, or is not ours to change (code of 8 and 16 bits) */
	RELOC_ADDRESS,  /* S + A */
	RELOC_DISTANCE, /* S + A - P */
	RELOC_BASE,     /* B + A: R_*_RELATIVE; the addend is an address as linked */
};

/* What a field of less than 8 bytes can hold. */
enum reloc_reach { REACH_UNSIGNED, REACH_SIGNED, REACH_EITHER, REACH_WRAPS };

struct reloc_field {
	uint32_t type; /* R_<CPU>_* */
	enum reloc_kind kind;
	unsigned bytes;
	enum reloc_reach reach;
};

/* What moving a kernel means on a CPU: src/arch/<cpu>/kernel_moves.c. */
struct relocate_rules {
	const struct reloc_field *fields;
	size_t nfields;
	/* A symbol of this name moves, though the linker says SHN_ABS. NULL: none does. */
	bool (*absolute_moves)(const char *name);
	/*
	 * x86_64: a section .data..percpu at address 0 holds offsets, which do not move. True: the
	 * linker puts a symbol of this name there that is an address all the same. NULL: the CPU's
	 * per-CPU sections are like others.
	 */
	bool (*per_cpu_moves)(const char *name);
	bool one_delta;     /* virtual is physical plus a constant: both move by the same */
	bool follows;       /* s390x: unless told, a kernel linked where it lies stays so */
	bool physical_free; /* the physical address is found at run time: no relocation names it */
	bool got;           /* relocations for .got are not kept (s390x) */
	bool list;          /* the kernel's build appends a list of relocations (x86) */
	uint64_t align;     /* of a move, in bytes; a power of two */
	/* Where the kernel may lie, [start, end); an end of 0 is the end of addresses. */
	uint64_t virt_start, virt_end, phys_end;
};

struct relocate_request {
	uint64_t to; /* new p_paddr of the lowest PT_LOAD */
	bool has_virtual;
	uint64_t virtual; /* new p_vaddr of that segment */
};

enum relocate_source {
	RELOCATE_NONE,     /* only physical addresses changed */
	RELOCATE_KEPT,     /* .rela.* and .rel.* of --emit-relocs */
	RELOCATE_APPENDED, /* the list behind the payload of a bzImage */
	RELOCATE_DYNAMIC,  /* .rela.dyn, .rel.dyn, .relr.dyn */
	RELOCATE_OFFSETS,  /* .vmlinux.relocs of s390x */
};

struct relocate_result {
	enum relocate_source source;
	uint64_t old_phys, old_virt, phys, virt; /* of the lowest PT_LOAD */
	uint64_t changed;                        /* fields of the kernel that were changed */
	uint64_t numbers; /* R_*_RELATIVE whose addend is no address of the kernel: left */
	uint64_t crcs;    /* relocations that point into a table of module CRCs: never applied */
};

/*
 * Move the kernel in @file, in place; its length stays. Where both addresses are what they were,
 * nothing changes.
 * 0 | -ENOEXEC no ELF kernel of these rules (with a reason) | -EBADMSG damaged | -EINVAL not a
 * place for this kernel | -ENOTSUP it kept no relocations (what is missing, and where it can run),
 * or has one of a type that we do not know | -ERANGE a relocation does not reach | -ENOMEM. On
 * failure @file is spoiled.
 */
int relocate_kernel(struct buf *file, const struct relocate_rules *rules,
		    const struct relocate_request *req, struct relocate_result *out,
		    struct err *err);

const char *relocate_source_name(enum relocate_source s);
