/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list that the build of an x86 kernel appends to the vmlinux before it is packed: addresses of
 * 32 bits, to be sign-extended, in parts that each begin with a word of zero and are read from the
 * end backwards. x86_64: words of 64 bits, then (before Linux 6.15) distances that shrink, then
 * words of 32 bits; i386: these only. Linux arch/x86/tools/relocs.c, emit_relocs().
 */
#include <inttypes.h>

#include "elf/relocate_parts.h"

enum { PARTS_MAX = 3 };

/* From the last part of the list to the first. */
static const struct list_part {
	bool shrinks;
	struct reloc_field field;
} part32 = {false, {.kind = RELOC_ADDRESS, .bytes = 4, .reach = REACH_EITHER}},
  part32neg = {true, {.kind = RELOC_DISTANCE, .bytes = 4, .reach = REACH_SIGNED}},
  part64 = {false, {.kind = RELOC_ADDRESS, .bytes = 8}},
  /* i386's addresses have 32 bits and may wrap. */
	part_i386 = {false, {.kind = RELOC_ADDRESS, .bytes = 4, .reach = REACH_WRAPS}};

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Where the ELF file ends: behind the last of its headers, segments and sections. */
static uint64_t elf_end(const struct mover *m)
{
	const struct elf *e = &m->elf;
	uint64_t end = later(elf_ehdr_size(e), e->phoff + (uint64_t)e->phnum * elf_phdr_size(e));

	end = later(end, e->shoff + (uint64_t)e->shnum * elf_shdr_size(e));
	for (uint32_t i = 0; i < e->shnum; i++) {
		struct elf_shdr s = elf_shdr_at(e, m->file, i);

		if (elf_section(m->file, &s).len)
			end = later(end, s.offset + s.size);
	}
	for (unsigned i = 0; i < m->nloads; i++)
		end = later(end, m->loads[i].offset + m->loads[i].filesz);
	return end;
}

/* The parts of the list in [start, end of the file), by their zeros; each[0] is the last one. */
static unsigned find_parts(const struct mover *m, uint64_t start, struct span each[PARTS_MAX])
{
	uint64_t end = m->file.len;
	unsigned n = 0;

	for (uint64_t at = end; at > start && n < PARTS_MAX;) {
		at -= 4;
		if (mover_get(m, at, 4))
			continue;
		each[n++] = span_sub(m->file, at + 4, end - at - 4);
		end = at;
	}
	/* A zero opens the list too. */
	return end == start ? n : 0;
}

static int apply_part(struct mover *m, struct span part, const struct list_part *p, struct err *err)
{
	uint64_t first = (uint64_t)(part.ptr - m->bytes);
	uint64_t phys_less_virt = m->lowest->paddr - m->lowest->vaddr;

	for (uint64_t off = first; off < first + part.len; off += 4) {
		uint64_t addr = (mover_get(m, off, 4) ^ 0x80000000u) - 0x80000000u, at;
		int r = 0;

		if (m->elf.elf32)
			addr &= UINT32_MAX;
		/* By the physical address: that of per-CPU data tells where they lie at first. */
		uint64_t phys = addr + phys_less_virt;

		if (m->elf.elf32)
			phys &= UINT32_MAX;
		if (!mover_at_phys(m, phys, p->field.bytes, &at))
			r = fail_at(err, EBADMSG, off, "in no segment's bytes");
		else if (crc_slots_have(&m->crc, addr))
			m->res->crcs++;
		else
			r = mover_add(m, at, &p->field, p->shrinks ? 0 - m->dv : m->dv, err);
		if (r < 0)
			return wrap(err, r, "appended relocation at 0x%" PRIx64, addr);
		mover_put(m, off, addr + m->dv, 4);
	}
	return 0;
}

int mover_appended(struct mover *m, struct err *err)
{
	uint64_t start = elf_end(m);
	struct span each[PARTS_MAX];
	const struct list_part *kinds[PARTS_MAX] = {&part32, &part32neg, &part64};

	if (!m->rules->list || start >= m->file.len)
		return 0;
	uint64_t bytes = m->file.len - start;
	unsigned n = bytes % 4 ? 0 : find_parts(m, start, each);

	if (m->elf.elf32)
		kinds[0] = &part_i386;
	if (n == 2)
		kinds[1] = &part64;
	if (m->elf.elf32 ? n != 1 : n < 2)
		return fail_at(err, EBADMSG, start,
			       "0x%" PRIx64 " bytes behind the ELF file at 0x%" PRIx64
			       " are no list of relocations",
			       bytes, start);
	for (unsigned i = 0; i < n; i++) {
		int r = apply_part(m, each[i], kinds[i], err);

		if (r < 0)
			return r;
	}
	return 1;
}
