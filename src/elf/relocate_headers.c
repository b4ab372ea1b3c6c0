/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the file says of the kernel's addresses: headers, symbols, .dynamic and notes. */
#include <stddef.h>
#include <string.h>

#include "elf/note.h"
#include "elf/relocate_parts.h"

/* Of the fields that move, by class: System V ABI, chapters 4 and 5. */
struct offsets {
	unsigned e_entry, p_vaddr, p_paddr, sh_addr, st_value;
};

static const struct offsets offsets64 = {
	offsetof(Elf64_Ehdr, e_entry), offsetof(Elf64_Phdr, p_vaddr), offsetof(Elf64_Phdr, p_paddr),
	offsetof(Elf64_Shdr, sh_addr), offsetof(Elf64_Sym, st_value)};
static const struct offsets offsets32 = {
	offsetof(Elf32_Ehdr, e_entry), offsetof(Elf32_Phdr, p_vaddr), offsetof(Elf32_Phdr, p_paddr),
	offsetof(Elf32_Shdr, sh_addr), offsetof(Elf32_Sym, st_value)};

static bool is_load(const struct elf_phdr *p)
{
	return p->type == PT_LOAD && p->memsz;
}

/* The segment to load that @p, of any type, lies in. */
static const struct elf_phdr *load_around(const struct mover *m, const struct elf_phdr *p)
{
	for (unsigned i = 0; i < m->nloads; i++) {
		const struct elf_phdr *l = &m->loads[i];

		if (p->memsz && p->vaddr >= l->vaddr && p->vaddr - l->vaddr <= l->memsz &&
		    p->memsz <= l->memsz - (p->vaddr - l->vaddr))
			return l;
	}
	return NULL;
}

static void move_phdrs(struct mover *m, const struct offsets *o)
{
	for (uint32_t i = 0; i < m->elf.phnum; i++) {
		uint64_t off = m->elf.phoff + (uint64_t)i * elf_phdr_size(&m->elf);
		struct elf_phdr p = elf_phdr_at(&m->elf, m->file, i);
		const struct elf_phdr *l = is_load(&p) ? &p : load_around(m, &p);

		if (!l)
			continue;
		if (range_has(m->virt, l->vaddr))
			mover_shift(m, off + o->p_vaddr, m->dv);
		/* A note's or a table's segment need not name a physical address. */
		if (is_load(&p) || p.paddr - p.vaddr == l->paddr - l->vaddr)
			mover_shift(m, off + o->p_paddr, m->dp);
	}
}

static void move_shdrs(struct mover *m, const struct offsets *o)
{
	for (uint32_t i = 1; i < m->elf.shnum; i++)
		if (m->section[i])
			mover_shift(
				m, m->elf.shoff + (uint64_t)i * elf_shdr_size(&m->elf) + o->sh_addr,
				m->dv);
}

static void move_symbols(struct mover *m, const struct offsets *o)
{
	uint64_t each = m->elf.elf32 ? ELF32_SYM_SIZE : ELF64_SYM_SIZE;
	uint64_t table = m->symbols.n ? (uint64_t)(m->symbols.table.ptr - m->bytes) : 0;

	for (uint64_t i = 0; i < m->symbols.n; i++)
		if (m->symbol[i])
			mover_shift(m, table + i * each + o->st_value, m->dv);
	table = m->dynamic.n ? (uint64_t)(m->dynamic.table.ptr - m->bytes) : 0;
	for (uint64_t i = 0; i < m->dynamic.n; i++)
		if (mover_dynamic_moves(m, i))
			mover_shift(m, table + i * each + o->st_value, m->dv);
}

/* Entries of .dynamic that hold an address (System V ABI, "Dynamic Array Tags", d_ptr). */
static bool is_address_tag(uint64_t tag)
{
	static const uint32_t tags[] = {
		DT_PLTGOT,   DT_HASH,   DT_STRTAB, DT_SYMTAB,     DT_RELA,        DT_INIT,
		DT_FINI,     DT_REL,    DT_JMPREL, DT_INIT_ARRAY, DT_FINI_ARRAY,  36 /* DT_RELR */,
		DT_GNU_HASH, DT_VERSYM, DT_VERDEF, DT_VERNEED,    DT_PPC64_GLINK, DT_PPC64_OPD};

	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (tags[i] == tag)
			return true;
	return false;
}

static void move_tags(struct mover *m, struct span dynamic)
{
	unsigned word = elf_word(&m->elf);
	uint64_t at = dynamic.ptr ? (uint64_t)(dynamic.ptr - m->bytes) : 0;

	for (uint64_t i = 0; dynamic.len - i >= 2 * word; i += 2 * word)
		if (is_address_tag(mover_get(m, at + i, word)) &&
		    mover_has(m, mover_get(m, at + i + word, word)))
			mover_shift(m, at + i + word, m->dv);
}

/*
 * By its section: ppc64's kernels have no PT_DYNAMIC (arch/powerpc/kernel/vmlinux.lds.S), and yet
 * find their list of relocations by DT_RELA. Without sections, by its segment.
 */
static void move_dynamic(struct mover *m)
{
	struct elf_shdr s;

	if (elf_find_section(&m->elf, m->file, ".dynamic", &s)) {
		move_tags(m, elf_section(m->file, &s));
		return;
	}
	for (uint32_t i = 0; i < m->elf.phnum; i++) {
		struct elf_phdr p = elf_phdr_at(&m->elf, m->file, i);

		if (p.type == PT_DYNAMIC)
			move_tags(m, elf_segment(m->file, &p));
	}
}

/*
 * Xen's notes are for who starts the kernel, so the kernel's own list of relocations leaves them
 * out: entry points of paravirtual guests are virtual, that of PVH is physical (Xen
 * public/elfnote.h).
 */
enum { XEN_ENTRY = 1, XEN_HYPERCALL_PAGE = 2, XEN_PHYS32_ENTRY = 18 };

static void move_note(struct mover *m, const struct elf_note *n)
{
	uint64_t off = n->desc.ptr ? (uint64_t)(n->desc.ptr - m->bytes) : 0;
	unsigned bytes = (unsigned)n->desc.len;

	if (bytes != 4 && bytes != 8)
		return;
	uint64_t v = mover_get(m, off, bytes);

	if (elf_note_is(n, "Xen", XEN_PHYS32_ENTRY))
		mover_put(m, off, v + m->dp, bytes);
	else if ((elf_note_is(n, "Xen", XEN_ENTRY) || elf_note_is(n, "Xen", XEN_HYPERCALL_PAGE)) &&
		 mover_has(m, v))
		mover_put(m, off, v + m->dv, bytes);
}

static void move_notes(struct mover *m)
{
	for (uint32_t i = 0; i < m->elf.phnum; i++) {
		struct elf_phdr p = elf_phdr_at(&m->elf, m->file, i);
		struct elf_notes it = elf_notes_of(elf_segment(m->file, &p), m->elf.big, p.align);
		struct elf_note n;

		while (p.type == PT_NOTE && elf_notes_next(&it, &n, NULL) == 1)
			move_note(m, &n);
	}
}

/* e_entry: physical on x86 (arch/x86/kernel/vmlinux.lds.S, ENTRY), virtual elsewhere. */
static void move_entry(struct mover *m, const struct offsets *o)
{
	uint64_t off;
	bool virtual = mover_at_virt(m, m->elf.entry, 1, &off) && mover_has(m, m->elf.entry);

	if (virtual)
		mover_shift(m, o->e_entry, m->dv);
	else if (mover_at_phys(m, m->elf.entry, 1, &off))
		mover_shift(m, o->e_entry, m->dp);
}

void mover_headers(struct mover *m)
{
	const struct offsets *o = m->elf.elf32 ? &offsets32 : &offsets64;

	move_notes(m);
	move_dynamic(m);
	move_symbols(m, o);
	move_entry(m, o);
	move_shdrs(m, o);
	move_phdrs(m, o);
}
