/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the relocation engine, relocate*.c. */
#pragma once
#include "base/put.h"
#include "elf/crc.h"
#include "elf/reader.h"
#include "elf/relocate.h"
#include "elf/symbols.h"

enum { MOVER_LOADS_MAX = 64 };

/* One move. Everything is as it was before it, but the bytes. */
struct mover {
	uint8_t *bytes; /* the file's */
	struct span file;
	struct elf elf;
	const struct relocate_rules *rules;
	struct relocate_result *res;
	uint64_t dv, dp; /* what is added to virtual and physical addresses, modulo 2^64 */
	struct elf_phdr loads[MOVER_LOADS_MAX];
	unsigned nloads;
	const struct elf_phdr *lowest;
	struct range virt; /* of all segments that move */
	uint8_t *section;  /* per section: does it move? owned */
	uint32_t per_cpu;  /* its section, where that holds offsets; 0 = none */
	struct elf_symbols symbols, dynamic;
	struct span long_indices; /* of @symbols, where st_shndx is SHN_XINDEX */
	uint8_t *symbol;          /* per symbol of @symbols: does it move? owned */
	struct crc_slots crc;
};

static inline uint64_t mover_get(const struct mover *m, uint64_t off, unsigned bytes)
{
	return m->elf.big ? get_be(m->bytes + off, bytes) : get_le(m->bytes + off, bytes);
}

static inline void mover_put(struct mover *m, uint64_t off, uint64_t v, unsigned bytes)
{
	if (m->elf.big)
		put_be(m->bytes + off, v, bytes);
	else
		put_le(m->bytes + off, v, bytes);
}

/* Add to a word of the class; the caller knows that it lies inside the file. */
static inline void mover_shift(struct mover *m, uint64_t off, uint64_t delta)
{
	unsigned word = elf_word(&m->elf);

	mover_put(m, off, mover_get(m, off, word) + delta, word);
}

/* A virtual address, as linked, inside what moves. */
static inline bool mover_has(const struct mover *m, uint64_t addr)
{
	return range_has(m->virt, addr);
}

/* relocate_open.c. 0 | -ENOEXEC | -EBADMSG | -ENOMEM; after a failure too mover_done() is due. */
int mover_open(struct mover *m, struct buf *file, const struct relocate_rules *rules,
	       struct err *err);
void mover_done(struct mover *m);

/* The field of @type. 0 | -ENOTSUP */
int mover_field(const struct mover *m, uint32_t type, const struct reloc_field **out,
		struct err *err);
/* Symbol @i of .dynsym. */
bool mover_dynamic_moves(const struct mover *m, uint64_t i);
/* Add @delta to the field at @off of the file. 0 | -EBADMSG off the file | -ERANGE */
int mover_add(struct mover *m, uint64_t off, const struct reloc_field *f, uint64_t delta,
	      struct err *err);
/* Where @bytes of the virtual (physical) address lie in the file. False: in no segment's bytes. */
bool mover_at_virt(const struct mover *m, uint64_t addr, uint64_t bytes, uint64_t *off);
bool mover_at_phys(const struct mover *m, uint64_t addr, uint64_t bytes, uint64_t *off);
/* A table of relocations: entries of a known size, inside the file. */
int mover_check_table(const struct mover *m, const struct elf_shdr *s, uint32_t i, struct err *err);

/* One entry of a table of SHT_REL or SHT_RELA; @off: of the entry in the file. */
struct mover_reloc {
	uint64_t off, place, addend;
	uint32_t sym, type;
};
struct mover_reloc mover_reloc_at(const struct mover *m, const struct elf_shdr *s, uint64_t i);

/* relocate_headers.c: program and section headers, entry, symbols, .dynamic, notes of Xen. */
void mover_headers(struct mover *m);

/* Each applies what it finds. 1: found, 0: there is none | -EBADMSG | -ENOTSUP | -ERANGE */
int mover_kept(struct mover *m, struct err *err);
int mover_dynamic(struct mover *m, struct err *err);
int mover_offsets(struct mover *m, struct err *err);
int mover_appended(struct mover *m, struct err *err);
/* Slots that neither kept relocations nor a list of offsets tell of. */
void mover_got(struct mover *m);
