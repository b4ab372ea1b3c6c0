/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations that a kernel carries for itself and applies when it starts: .rela.dyn, .rel.dyn and
 * .relr.dyn, whatever the ELF type (ppc64's kernels are ET_EXEC and have them); and the list of
 * offsets of newer s390x kernels. Both sides move: the entry, from which the start code computes
 * the field, and the field, where the linker has filled it in.
 */
#include <inttypes.h>

#include "elf/relocate_parts.h"

/* What @r adds to its addend, as linked, and by how much that moves. */
static int base_of(const struct mover *m, const struct mover_reloc *r, uint64_t *value,
		   uint64_t *delta, struct err *err)
{
	*value = 0;
	*delta = 0;
	/* arm64 throws the table away, and applies only what needs no symbol (head.S). */
	if (!r->sym || !m->dynamic.n)
		return 0;
	if (r->sym >= m->dynamic.n)
		return fail(err, EBADMSG, "symbol %u of %" PRIu64, r->sym, m->dynamic.n);
	*value = elf_symbol_at(&m->dynamic, r->sym).value;
	*delta = mover_dynamic_moves(m, r->sym) ? m->dv : 0;
	return 0;
}

/*
 * Linkers make R_*_RELATIVE of absolute symbols, too. An address of the kernel is in it or next to
 * it (all 217,000 in four kernels of Linux 6.1 are within a page); what is not is a number.
 */
static bool is_number(const struct mover *m, uint64_t addend)
{
	const uint64_t near = 0x10000;

	return addend - (m->virt.start - near) > range_size(m->virt) + 2 * near;
}

/* SHT_RELA: linkers leave the field 0 or write the value there, too (--apply-dynamic-relocs). */
static int move_rela(struct mover *m, const struct mover_reloc *r, const struct reloc_field *f,
		     uint64_t at, struct err *err)
{
	uint64_t value, delta, word = elf_word(&m->elf);
	int e = base_of(m, r, &value, &delta, err);

	if (e < 0)
		return e;
	if (f->kind == RELOC_BASE && is_number(m, r->addend)) {
		m->res->numbers++;
		return 0;
	}
	if (f->kind == RELOC_BASE) {
		mover_put(m, r->off + 2 * word, r->addend + m->dv, (unsigned)word);
		delta = m->dv;
		value = 0;
	}
	if (!delta || mover_get(m, at, f->bytes) != value + r->addend)
		return 0;
	return mover_add(m, at, f, delta, err);
}

/* SHT_REL: the field is the addend. */
static int move_rel(struct mover *m, const struct mover_reloc *r, const struct reloc_field *f,
		    uint64_t at, struct err *err)
{
	uint64_t value, delta;
	int e = base_of(m, r, &value, &delta, err);

	if (e < 0)
		return e;
	return f->kind == RELOC_BASE ? mover_add(m, at, f, m->dv, err) : 0;
}

static int move_one(struct mover *m, const struct elf_shdr *s, uint64_t i, struct err *err)
{
	struct mover_reloc r = mover_reloc_at(m, s, i);
	const struct reloc_field *f;
	uint64_t at;
	int e = mover_field(m, r.type, &f, err);

	if (e < 0 || f->kind == RELOC_FIXED)
		return e;
	if (f->kind == RELOC_DISTANCE)
		return fail(err, ENOTSUP, "a distance (type %u) among %s", r.type,
			    "the relocations that the kernel applies itself");
	if (!mover_at_virt(m, r.place, f->bytes, &at))
		return fail(err, EBADMSG, "in no segment's bytes");
	if (crc_slots_have(&m->crc, r.place))
		m->res->crcs++;
	else
		e = s->type == SHT_RELA ? move_rela(m, &r, f, at, err)
					: move_rel(m, &r, f, at, err);
	mover_shift(m, r.off, m->dv);
	return e < 0 ? wrap(err, e, "at 0x%" PRIx64, r.place) : 0;
}

static int move_table(struct mover *m, const struct elf_shdr *s, uint32_t i, struct err *err)
{
	int r = mover_check_table(m, s, i, err);

	for (uint64_t k = 0; !r && k < s->size / s->entsize; k++) {
		r = move_one(m, s, k, err);
		if (r < 0)
			return wrap(err, r, "relocation %" PRIu64 " of section %u", k, i);
	}
	return r;
}

static int move_word(struct mover *m, uint64_t addr, struct err *err)
{
	const struct reloc_field f = {
		.kind = RELOC_BASE, .bytes = elf_word(&m->elf), .reach = REACH_WRAPS};
	uint64_t at;

	if (!mover_at_virt(m, addr, f.bytes, &at))
		return fail(err, EBADMSG, "relocation at 0x%" PRIx64 ": in no segment's bytes",
			    addr);
	if (crc_slots_have(&m->crc, addr)) {
		m->res->crcs++;
		return 0;
	}
	return mover_add(m, at, &f, m->dv, err);
}

/*
 * SHT_RELR (System V ABI, "Relative relocation table"): an even entry is the address of a word that
 * moves; an odd one has a bit for each of the words behind the last.
 */
static int move_relr(struct mover *m, const struct elf_shdr *s, struct err *err)
{
	unsigned word = elf_word(&m->elf);
	uint64_t next = 0;
	int r = 0;

	if (elf_section(m->file, s).len != s->size || s->size % word)
		return fail_at(err, EBADMSG, s->offset, ".relr.dyn at 0x%" PRIx64 " is cut off",
			       s->offset);
	for (uint64_t off = s->offset; !r && off < s->offset + s->size; off += word) {
		uint64_t entry = mover_get(m, off, word);

		if (!(entry & 1)) {
			r = move_word(m, entry, err);
			next = entry + word;
			mover_shift(m, off, m->dv);
			continue;
		}
		for (unsigned bit = 1; !r && bit < 8 * word; bit++)
			if (entry >> bit & 1)
				r = move_word(m, next + (bit - 1) * word, err);
		next += (uint64_t)(8 * word - 1) * word;
	}
	return r;
}

/* The first word of a global offset table, which no relocation names: the address of .dynamic, on
 * ppc64 that of the table's middle. */
static void move_got_head(struct mover *m)
{
	const uint64_t toc = 0x8000;
	unsigned word = elf_word(&m->elf);
	struct elf_shdr got, dynamic = {0};

	if (!elf_find_section(&m->elf, m->file, ".got", &got) || got.size < word ||
	    elf_section(m->file, &got).len != got.size)
		return;
	(void)elf_find_section(&m->elf, m->file, ".dynamic", &dynamic);
	uint64_t head = mover_get(m, got.offset, word);

	if (head && (head == dynamic.addr || head == got.addr + toc))
		mover_shift(m, got.offset, m->dv);
}

static int move_tables(struct mover *m, struct err *err)
{
	uint64_t total = 0;
	int found = 0;

	for (uint32_t i = 1; i < m->elf.shnum; i++) {
		struct elf_shdr s = elf_shdr_at(&m->elf, m->file, i);
		bool relr = s.type == SHT_RELR;
		int r;

		if (!(s.flags & SHF_ALLOC) || !s.size ||
		    (!relr && s.type != SHT_REL && s.type != SHT_RELA))
			continue;
		total += s.size;
		if (total > m->file.len)
			return fail(err, EBADMSG, "tables of relocations overlap");
		r = relr ? move_relr(m, &s, err) : move_table(m, &s, i, err);
		if (r < 0)
			return r;
		found = 1;
	}
	return found;
}

int mover_dynamic(struct mover *m, struct err *err)
{
	int found = move_tables(m, err);

	if (found > 0)
		move_got_head(m);
	return found;
}

/*
 * Clang's code for s390x reads a global offset table, whose slots have no relocation in the list
 * (Linux arch/s390/boot/startup.c, kaslr_adjust_got).
 */
void mover_got(struct mover *m)
{
	struct elf_shdr s;
	unsigned word = elf_word(&m->elf);

	if (!m->rules->got || !elf_find_section(&m->elf, m->file, ".got", &s) ||
	    !elf_section(m->file, &s).len)
		return;
	for (uint64_t off = 0; off + word <= s.size; off += word)
		if (mover_has(m, mover_get(m, s.offset + off, word))) {
			mover_shift(m, s.offset + off, m->dv);
			m->res->changed++;
		}
}

static bool find_offsets(const struct mover *m, struct elf_shdr *s)
{
	return elf_find_section(&m->elf, m->file, ".vmlinux.relocs", s) ||
	       elf_find_section(&m->elf, m->file, ".vmlinux.relocs_64", s);
}

int mover_offsets(struct mover *m, struct err *err)
{
	const struct reloc_field f = {.kind = RELOC_ADDRESS, .bytes = 8};
	struct elf_shdr s;

	if (!find_offsets(m, &s))
		return 0;
	if (elf_section(m->file, &s).len != s.size || s.size % 4)
		return fail_at(err, EBADMSG, s.offset,
			       ".vmlinux.relocs at 0x%" PRIx64 " is cut off", s.offset);
	for (uint64_t off = s.offset; off < s.offset + s.size; off += 4) {
		uint64_t addr = m->lowest->vaddr + mover_get(m, off, 4), at;
		int r;

		if (!mover_at_virt(m, addr, f.bytes, &at))
			return fail_at(err, EBADMSG, off,
				       "offset at 0x%" PRIx64 " of the file: 0x%" PRIx64
				       " is in no segment's bytes",
				       off, addr);
		if (crc_slots_have(&m->crc, addr)) {
			m->res->crcs++;
			continue;
		}
		r = mover_add(m, at, &f, m->dv, err);
		if (r < 0)
			return r;
	}
	return 1;
}
