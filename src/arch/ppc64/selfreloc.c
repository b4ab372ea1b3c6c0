/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/ppc64/selfreloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cursor.h"
#include "base/put.h"
#include "elf/crc.h"
#include "elf/symbols.h"

enum { RELA_SIZE = 24, INFO = 8, ADDEND = 16, TAG_SIZE = 16 };

/* The kernel's list of relocations. */
struct list {
	const struct image *im;
	struct elf elf;
	struct crc_slots slots;
	struct elf_shdr section;
	struct span entries; /* in the file */
	uint64_t n;
};

static uint64_t get(const struct list *l, const uint8_t *at)
{
	return l->elf.big ? get_be(at, 8) : get_le(at, 8);
}

static void put(const struct list *l, uint8_t *at, uint64_t v)
{
	(l->elf.big ? put_be : put_le)(at, v, 8);
}

static int find_list(const struct image *im, struct list *out, struct err *err)
{
	struct list l = {.im = im};
	int r = elf_parse(im->file, &l.elf, err);

	if (r)
		return r;
	crc_slots(&l.elf, im->file, &l.slots);
	if (l.slots.n && elf_find_section(&l.elf, im->file, ".rela.dyn", &l.section)) {
		l.entries = elf_section(im->file, &l.section);
		if (l.section.size % RELA_SIZE || l.entries.len != l.section.size)
			return fail_at(err, EBADMSG, l.section.offset,
				       ".rela.dyn, 0x%" PRIx64 " bytes at 0x%" PRIx64
				       ", is damaged",
				       l.section.size, l.section.offset);
		l.n = l.entries.len / RELA_SIZE;
	}
	*out = l;
	return 0;
}

/* Both loops apply these; the newer one R_PPC64_UADDR64 too, which a word of a CRC, aligned, never
 * has. */
static bool is_relative(const struct list *l, const uint8_t *entry)
{
	return get(l, entry + INFO) == R_PPC64_RELATIVE;
}

static bool is_crc(const struct list *l, const uint8_t *entry)
{
	return is_relative(l, entry) && crc_slots_have(&l->slots, get(l, entry));
}

static bool has_symbol(const struct list *l, const char *name)
{
	struct elf_symbols all;

	if (!elf_symbols_find(&l->elf, l->im->file, SHT_SYMTAB, &all))
		return false;
	for (uint64_t i = 1; i < all.n; i++) {
		struct elf_sym s = elf_symbol_at(&all, i);
		struct span have = span_sub(all.names, s.name, strlen(name) + 1);

		if (have.ptr && !memcmp(have.ptr, name, have.len))
			return true;
	}
	return false;
}

/* The TOC's word for a symbol at address 0: nothing of a kernel lies there but reloc_start. */
static bool has_word_for_0(const struct list *l)
{
	for (uint64_t i = 0; i < l->n; i++) {
		const uint8_t *entry = l->entries.ptr + i * RELA_SIZE;

		if (is_relative(l, entry) && !is_crc(l, entry) && !get(l, entry + ADDEND))
			return true;
	}
	return false;
}

/*
 * kernel/module.c, maybe_relocated(), since 2.6.33 (d4703aefdbc8) and in the 2.6.32 of
 * distributions: it subtracts the address of reloc_start, linked at 0. From 3.11 on (0e0ed6406e61;
 * 3.10.y took it over) that is a macro for PHYSICAL_START, which leaves no trace in the file; 4.10
 * (71810db27c1c) ended it, as CRCs were no words any more.
 */
static enum selfreloc who_undoes(const struct list *l)
{
	unsigned major = 0, minor = 0, patch = 0;
	bool known = sscanf(l->im->version, "%u.%u.%u", &major, &minor, &patch) >= 2;

	if (known && ((major == 3 && minor >= 11) || (major == 4 && minor < 10)))
		return SELFRELOC_UNDONE_BY_PLACE;
	if (has_symbol(l, "reloc_start") || has_word_for_0(l))
		return SELFRELOC_UNDONE;
	if (known && (major == 3 || (major == 2 && minor == 6 && patch >= 33)))
		return SELFRELOC_UNDONE_BY_PLACE;
	return SELFRELOC_CORRUPTS;
}

static uint64_t count_crcs(const struct list *l)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < l->n; i++)
		n += is_crc(l, l->entries.ptr + i * RELA_SIZE);
	return n;
}

static enum selfreloc judge(const struct list *l, uint64_t crcs)
{
	return crcs ? who_undoes(l) : SELFRELOC_HARMLESS;
}

int ppc64_selfreloc(const struct image *im, enum selfreloc *out, struct err *err)
{
	struct list l;
	int r = find_list(im, &l, err);

	if (!r)
		*out = judge(&l, count_crcs(&l));
	return r;
}

/* Linked elsewhere it is not moved when it starts, and subtracts an address all the same. */
int ppc64_may_move(const struct image *im, struct err *err)
{
	enum selfreloc kind;
	int r = ppc64_selfreloc(im, &kind, err);

	if (r || kind != SELFRELOC_UNDONE_BY_PLACE)
		return r;
	return fail(err, ENOTSUP,
		    "Linux %s subtracts the address that it runs at from its module CRCs, so that "
		    "it would take no module; load it unmoved, with --load-address",
		    im->version);
}

/* The place of @len bytes at the virtual address @addr in @memory, or NULL. */
static uint8_t *place(const struct list *l, struct buf *memory, uint64_t addr, uint64_t len)
{
	for (uint32_t i = 0; i < l->elf.phnum; i++) {
		struct elf_phdr p = elf_phdr_at(&l->elf, l->im->file, i);
		uint64_t off = addr - p.vaddr + p.paddr - l->im->vm.phys;

		if (p.type == PT_LOAD && addr >= p.vaddr && addr - p.vaddr < p.filesz &&
		    len <= p.filesz - (addr - p.vaddr))
			return off <= memory->len && len <= memory->len - off ? memory->ptr + off
									      : NULL;
	}
	return NULL;
}

/*
 * The loop finds @n entries less: by DT_RELACOUNT (until 5.17) or by DT_RELASZ (since). The one
 * that it does not read may say anything, so both are lowered.
 */
static int lower_counts(const struct list *l, struct buf *memory, uint64_t n, struct err *err)
{
	struct elf_shdr s;
	uint8_t *at = NULL;

	if (elf_find_section(&l->elf, l->im->file, ".dynamic", &s))
		at = place(l, memory, s.addr, s.size);
	if (!at)
		return fail(err, EBADMSG, "has a .rela.dyn and no .dynamic");
	for (uint64_t i = 0; i + TAG_SIZE <= s.size && get(l, at + i); i += TAG_SIZE) {
		uint64_t tag = get(l, at + i), value = get(l, at + i + 8);
		uint64_t less = tag == DT_RELACOUNT ? n : tag == DT_RELASZ ? n * RELA_SIZE : 0;

		put(l, at + i + 8, value > less ? value - less : 0);
	}
	return 0;
}

/* The other entries close up, in their order. */
static int close_up(const struct list *l, uint8_t *entries, struct buf *memory, uint64_t crcs,
		    struct err *err)
{
	uint8_t *to = entries;

	for (uint64_t i = 0; i < l->n; i++) {
		const uint8_t *from = entries + i * RELA_SIZE;

		if (is_crc(l, from))
			continue;
		memmove(to, from, RELA_SIZE);
		to += RELA_SIZE;
	}
	return lower_counts(l, memory, crcs, err);
}

/*
 * Every CRC's entry becomes one more copy of @other. R_PPC64_NONE would not do: loops until 5.17
 * stop at the first entry that is not RELATIVE. A RELATIVE one stores its addend plus the distance,
 * so a second time changes nothing.
 */
static void repeat(const struct list *l, uint8_t *entries, const uint8_t *other)
{
	for (uint64_t i = 0; i < l->n; i++)
		if (is_crc(l, entries + i * RELA_SIZE))
			memcpy(entries + i * RELA_SIZE, other, RELA_SIZE);
}

/* What the loop would have stored there in a kernel that was not moved. */
static int fill_slots(const struct list *l, const uint8_t *entries, struct buf *memory,
		      struct err *err)
{
	for (uint64_t i = 0; i < l->n; i++) {
		const uint8_t *entry = entries + i * RELA_SIZE;
		uint8_t *slot;

		if (!is_crc(l, entry))
			continue;
		slot = place(l, memory, get(l, entry), 8);
		if (!slot)
			return fail(err, EBADMSG,
				    "__kcrctab at 0x%" PRIx64 " has no bytes in the file",
				    get(l, entry));
		put(l, slot, get(l, entry + ADDEND));
	}
	return 0;
}

int ppc64_spare_crcs(const struct image *im, struct buf *memory, struct err *err)
{
	const uint8_t *other = NULL;
	struct list l;
	int r = find_list(im, &l, err);
	uint64_t crcs = r ? 0 : count_crcs(&l);

	if (r || judge(&l, crcs) != SELFRELOC_CORRUPTS)
		return r;
	uint8_t *entries = place(&l, memory, l.section.addr, l.section.size);

	if (!entries)
		return fail_at(err, EBADMSG, l.section.offset, ".rela.dyn is not loaded");
	for (uint64_t i = 0; i < l.n && !other; i++)
		if (is_relative(&l, entries + i * RELA_SIZE) &&
		    !is_crc(&l, entries + i * RELA_SIZE))
			other = entries + i * RELA_SIZE;
	r = fill_slots(&l, entries, memory, err);
	if (!r && other)
		repeat(&l, entries, other);
	else if (!r)
		r = close_up(&l, entries, memory, crcs, err);
	return r ? r : (int)crcs;
}
