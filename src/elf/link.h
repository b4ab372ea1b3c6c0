/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links one relocatable ELF object (ET_REL) to an address, out of place: the object stays const,
 * section addresses live in a table of their own. Used at load time for a purgatory and at build
 * time to check every purgatory we ship. The object may be any file (--purgatory FILE).
 * Format: System V ABI chapter 4, "Sections", "Symbol Table", "Relocation"; a CPU's psABI.
 */
#pragma once
#include <stdbool.h>
#include "core/buf.h"
#include "core/err.h"
#include "elf/format.h"

#define LINK_PAGE      4096u       /* what is written never shares one with code */
#define LINK_SIZE_MAX  (16u << 20) /* a larger image is no purgatory */
#define LINK_ALIGN_MAX (1u << 16)

/* One relocation, ready to apply: write into @at what @type makes of @value and @place. */
struct link_reloc {
	uint32_t type;
	uint64_t place; /* P: address of the field at run time */
	uint64_t value; /* S + A */
	uint8_t *at;
	size_t room;   /* bytes from @at to the end of its section */
	uint64_t base; /* where the image lies at run time */
	uint8_t other; /* st_other of the symbol: ppc64 keeps a function's local entry there */
};

/* A CPU's part of linking: src/arch/<cpu>/reloc.c. */
struct link_rules {
	uint16_t machine; /* EM_* */
	bool elf32, big;
	/*
	 * 0 | -ENOTSUP unknown type (name its number) | -ERANGE does not fit | -EBADMSG the field
	 * runs off its section.
	 */
	int (*apply)(const struct link_reloc *r, struct err *err);
	/*
	 * Where a CPU keeps addends in the field itself (SHT_REL): read it, sign-extended. Errors
	 * as above. NULL: this CPU's ABI has only SHT_RELA, and SHT_REL is refused.
	 */
	int (*addend)(const struct link_reloc *r, uint64_t *out, struct err *err);
	/*
	 * Where a CPU splits one value over two fields, and the second relocation names only the
	 * place of the first: the type of that first one, 0 for all other types. apply() of the
	 * second then sees the value and the place of the first (and its own field). NULL: no such
	 * types.
	 */
	uint32_t (*first_half)(uint32_t type);
	/* A symbol that no object defines: it is the image's base (ppc64: ".TOC."). NULL: none. */
	const char *base_symbol;
};

struct link {
	struct span obj;
	const struct link_rules *rules;
	uint64_t size;  /* of the linked image, bss included; bytes */
	uint64_t align; /* of its base; at least LINK_PAGE */
	uint64_t
		*section_off; /* per section: offset in the image, UINT64_MAX = not loaded; owned */
	uint32_t nsections;
	uint64_t data_off; /* below it lie code and constants, which nobody writes */
	struct elf elf;
	struct span symtab, strtab; /* borrowed from @obj */
};

/*
 * Check and lay out @obj (borrowed; must outlive @out): no section both writable and executable,
 * data on other pages than code, every undefined symbol named in one error, and a trial link at
 * 1 MiB, so that every relocation is of a type that the rules know.
 *
 * 0 | -ENOEXEC not an ET_REL of this CPU (with a reason) | -EBADMSG | -ENOTSUP | -ERANGE a
 * relocation that does not even fit at 1 MiB | -ENOMEM. On failure @out needs no link_done.
 */
int link_open(struct span obj, const struct link_rules *rules, struct link *out, struct err *err);
void link_done(struct link *l);

/*
 * Offset of a defined global symbol in the image, and its st_size (may be NULL); both lie inside
 * the image. -ENOENT if there is none, -EBADMSG if it lies outside its section.
 */
int link_symbol(const struct link *l, const char *name, uint64_t *off, uint64_t *size,
		struct err *err);

/*
 * The image as it must lie at @base (a multiple of @l->align), @l->size bytes appended to @out.
 * @out is as it was on failure: -EINVAL @base is not aligned | -EOVERFLOW the image would pass the
 * end of the address space | -ERANGE a relocation does not reach from there | -ENOMEM.
 */
int link_at(const struct link *l, uint64_t base, struct buf *out, struct err *err);
