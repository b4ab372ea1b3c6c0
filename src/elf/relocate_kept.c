/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The relocations that the linker kept: ld --emit-relocs, .rela.text and so on. Fields are added
 * to, never computed anew: build tools sort tables and patch code behind the linker's back, and
 * what they moved has no relocation that still fits (Linux scripts/sorttable.c).
 */
#include <inttypes.h>

#include "elf/relocate_parts.h"

static bool is_kept(const struct mover *m, const struct elf_shdr *s)
{
	return (s->type == SHT_REL || s->type == SHT_RELA) && !(s->flags & SHF_ALLOC) && s->size &&
	       s->info < m->elf.shnum && s->info;
}

/* Symbol 0 is none: what remains is a number. */
static int symbol_delta(const struct mover *m, uint32_t sym, uint64_t *out, struct err *err)
{
	if (sym && sym >= m->symbols.n)
		return fail(err, EBADMSG, "symbol %u of %" PRIu64, sym, m->symbols.n);
	*out = m->symbol[sym] ? m->dv : 0;
	return 0;
}

static bool is_inside(const struct elf_shdr *target, uint64_t place, uint64_t bytes)
{
	uint64_t at = place - target->addr;

	return at <= target->size && bytes <= target->size - at;
}

/* One entry for @target, which moves by @by. */
static int apply_one(struct mover *m, const struct mover_reloc *r, const struct elf_shdr *target,
		     uint64_t by, struct err *err)
{
	const struct reloc_field *f;
	uint64_t delta = 0;
	int e = mover_field(m, r->type, &f, err);

	/* Debug information knows more types; those that are no addresses do not matter. */
	if (e < 0)
		return target->flags & SHF_ALLOC ? e : 0;
	if (f->kind == RELOC_FIXED)
		return 0;
	e = symbol_delta(m, r->sym, &delta, err);
	if (e < 0)
		return e;
	if (f->kind == RELOC_DISTANCE)
		delta -= by;
	if (!delta)
		return 0;
	if (crc_slots_have(&m->crc, r->place)) {
		m->res->crcs++;
		return 0;
	}
	if (!is_inside(target, r->place, f->bytes))
		return fail(err, EBADMSG, "outside its section");
	return mover_add(m, target->offset + (r->place - target->addr), f, delta, err);
}

/* Does the content change? Of a compressed section (SHF_COMPRESSED) it cannot, notes are for who
 * starts the kernel (relocate_headers.c), and what .rela.dyn tells is not told twice. */
static bool is_applied(const struct elf_shdr *target, bool dynamic)
{
	if (target->flags & SHF_COMPRESSED || target->type == SHT_NOTE)
		return false;
	return !dynamic || !(target->flags & SHF_ALLOC);
}

static int apply_table(struct mover *m, const struct elf_shdr *s, bool dynamic, struct err *err)
{
	struct elf_shdr target = elf_shdr_at(&m->elf, m->file, s->info);
	uint64_t by = m->section[s->info] ? m->dv : 0;
	bool applied = is_applied(&target, dynamic);

	if (applied && elf_section(m->file, &target).len != target.size)
		return fail(err, EBADMSG, "relocations for section %u, which has no bytes",
			    s->info);
	for (uint64_t i = 0; i < s->size / s->entsize; i++) {
		struct mover_reloc r = mover_reloc_at(m, s, i);
		int e = applied ? apply_one(m, &r, &target, by, err) : 0;

		if (e < 0)
			return wrap(err, e, "relocation at 0x%" PRIx64, r.place);
		/* Who sorts a table zeroes its relocations: these have no place. */
		if (by && is_inside(&target, r.place, 0))
			mover_shift(m, r.off, by);
	}
	return 0;
}

int mover_kept(struct mover *m, struct err *err)
{
	bool dynamic = m->res->source == RELOCATE_DYNAMIC;
	uint64_t total = 0;
	int found = 0;

	for (uint32_t i = 1; i < m->elf.shnum; i++) {
		struct elf_shdr s = elf_shdr_at(&m->elf, m->file, i);
		int r;

		if (!is_kept(m, &s))
			continue;
		r = mover_check_table(m, &s, i, err);
		if (r < 0)
			return r;
		/* Tables of a sound file do not overlap: their sum bounds the work. */
		total += s.size;
		if (total > m->file.len)
			return fail(err, EBADMSG, "tables of relocations overlap");
		r = apply_table(m, &s, dynamic, err);
		if (r < 0)
			return r;
		/* Those of debug information alone move no kernel. */
		found |= (elf_shdr_at(&m->elf, m->file, s.info).flags & SHF_ALLOC) != 0;
	}
	return found;
}
