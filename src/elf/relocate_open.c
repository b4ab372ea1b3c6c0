/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What moves and what does not: segments, sections, symbols. */
#include <inttypes.h>
#include <string.h>

#include "base/ckd.h"
#include "base/cursor.h"
#include "elf/relocate_parts.h"

static int check_load(const struct mover *m, const struct elf_phdr *p, uint32_t i, struct err *err)
{
	uint64_t end;

	if (p->filesz > p->memsz || span_sub(m->file, p->offset, p->filesz).len != p->filesz)
		return fail_at(err, EBADMSG, p->offset,
			       "segment %u (0x%" PRIx64 " bytes at 0x%" PRIx64
			       ") runs off the file or its memory",
			       i, p->filesz, p->offset);
	if (ckd_add(&end, p->vaddr, p->memsz) || ckd_add(&end, p->paddr, p->memsz))
		return fail_at(err, EBADMSG, 0, "segment %u passes the end of memory", i);
	return 0;
}

static int read_loads(struct mover *m, struct err *err)
{
	if (m->elf.phnum > MOVER_LOADS_MAX)
		return fail_at(err, EBADMSG, m->elf.phoff, "has %u program headers", m->elf.phnum);
	for (uint32_t i = 0; i < m->elf.phnum; i++) {
		struct elf_phdr p = elf_phdr_at(&m->elf, m->file, i);
		int r;

		if (p.type != PT_LOAD || !p.memsz)
			continue;
		r = check_load(m, &p, i, err);
		if (r < 0)
			return r;
		m->loads[m->nloads] = p;
		if (!m->lowest || p.paddr < m->lowest->paddr)
			m->lowest = &m->loads[m->nloads];
		m->nloads++;
	}
	return m->lowest ? 0 : fail_at(err, EBADMSG, m->elf.phoff, "has no segment to load");
}

/* The segment of x86_64's per-CPU offsets: at 0, where no kernel lies (vmlinux.lds.S,
 * PERCPU_VADDR). */
static bool is_per_cpu_load(const struct mover *m, const struct elf_phdr *p)
{
	return m->rules->per_cpu_moves && p->vaddr == 0 && p != m->lowest;
}

static void measure(struct mover *m)
{
	m->virt = (struct range){m->lowest->vaddr, m->lowest->vaddr};
	for (unsigned i = 0; i < m->nloads; i++) {
		const struct elf_phdr *p = &m->loads[i];

		if (is_per_cpu_load(m, p))
			continue;
		if (p->vaddr < m->virt.start)
			m->virt.start = p->vaddr;
		if (p->vaddr + p->memsz > m->virt.end)
			m->virt.end = p->vaddr + p->memsz;
	}
}

/* ld takes the flag from a section that stayed empty, and its symbols are addresses all the same
 * (.data_nosave of x86). */
static bool has_address(const struct mover *m, const struct elf_shdr *s)
{
	return s->flags & SHF_ALLOC || (s->addr && mover_has(m, s->addr));
}

static int mark_sections(struct mover *m, struct err *err)
{
	struct elf_shdr strings = elf_shdr_at(&m->elf, m->file, m->elf.shstrndx);
	struct span names = elf_section(m->file, &strings);

	m->section = calloc(m->elf.shnum + 1u, 1);
	if (!m->section)
		return fail(err, ENOMEM, "no memory for %u sections", m->elf.shnum);
	for (uint32_t i = 1; i < m->elf.shnum; i++) {
		struct elf_shdr s = elf_shdr_at(&m->elf, m->file, i);
		const char *name;

		if (!has_address(m, &s))
			continue;
		m->section[i] = 1;
		if (!m->rules->per_cpu_moves || s.addr || m->virt.start == 0)
			continue;
		name = elf_string(names, s.name);
		if (name && !strcmp(name, ".data..percpu")) {
			m->section[i] = 0;
			m->per_cpu = i;
		}
	}
	return 0;
}

/* The numbers of sections that st_shndx cannot hold (System V ABI, SHT_SYMTAB_SHNDX). */
static struct span long_indices(const struct mover *m)
{
	for (uint32_t i = 1; i < m->elf.shnum; i++) {
		struct elf_shdr s = elf_shdr_at(&m->elf, m->file, i);

		if (s.type == SHT_SYMTAB_SHNDX)
			return elf_section(m->file, &s);
	}
	return (struct span){NULL, 0};
}

static bool in_moving_section(const struct mover *m, uint32_t shndx)
{
	return shndx < m->elf.shnum && m->section[shndx];
}

/* Addresses, though SHN_ABS: those that ld defines outside every section, and the CPU's. */
static bool absolute_moves(const struct mover *m, const char *name)
{
	return !strcmp(name, "_DYNAMIC") || !strcmp(name, "_GLOBAL_OFFSET_TABLE_") ||
	       (m->rules->absolute_moves && m->rules->absolute_moves(name));
}

static bool symbol_moves(const struct mover *m, const struct elf_symbols *all, uint64_t i)
{
	struct elf_sym s = elf_symbol_at(all, i);
	const char *name;

	if (ELF64_ST_TYPE(s.info) == STT_TLS)
		return false;
	if (s.shndx == SHN_ABS) {
		name = elf_symbol_name(all, &s);
		return name && absolute_moves(m, name);
	}
	if (m->per_cpu && s.shndx == m->per_cpu) {
		name = elf_symbol_name(all, &s);
		return name && m->rules->per_cpu_moves(name);
	}
	if (s.shndx == SHN_XINDEX) {
		struct cursor c = cursor_at(m->long_indices, 4 * i, m->elf.big);

		return in_moving_section(m, cursor_u32(&c));
	}
	return s.shndx < SHN_LORESERVE && in_moving_section(m, s.shndx);
}

static int mark_symbols(struct mover *m, struct err *err)
{
	if (!elf_symbols_find(&m->elf, m->file, SHT_SYMTAB, &m->symbols))
		m->symbols = (struct elf_symbols){.n = 0};
	if (!elf_symbols_find(&m->elf, m->file, SHT_DYNSYM, &m->dynamic))
		m->dynamic = (struct elf_symbols){.n = 0};
	m->long_indices = long_indices(m);
	m->symbol = calloc((size_t)m->symbols.n + 1, 1);
	if (!m->symbol)
		return fail(err, ENOMEM, "no memory for %" PRIu64 " symbols", m->symbols.n);
	for (uint64_t i = 0; i < m->symbols.n; i++)
		m->symbol[i] = symbol_moves(m, &m->symbols, i);
	return 0;
}

bool mover_dynamic_moves(const struct mover *m, uint64_t i)
{
	return symbol_moves(m, &m->dynamic, i);
}

int mover_open(struct mover *m, struct buf *file, const struct relocate_rules *rules,
	       struct err *err)
{
	*m = (struct mover){.bytes = file->ptr, .file = buf_span(file), .rules = rules};
	int r = elf_parse(m->file, &m->elf, err);

	if (r == -ENOEXEC)
		return fail(err, ENOEXEC, "not an ELF file");
	if (r < 0)
		return r;
	if (m->elf.type != ET_EXEC && m->elf.type != ET_DYN)
		return fail(err, ENOEXEC, "not a linked kernel (ELF type %u)", m->elf.type);
	r = read_loads(m, err);
	if (r < 0)
		return r;
	measure(m);
	crc_slots(&m->elf, m->file, &m->crc);
	r = mark_sections(m, err);
	return r < 0 ? r : mark_symbols(m, err);
}

void mover_done(struct mover *m)
{
	free(m->section);
	free(m->symbol);
	m->section = m->symbol = NULL;
}

int mover_field(const struct mover *m, uint32_t type, const struct reloc_field **out,
		struct err *err)
{
	for (size_t i = 0; i < m->rules->nfields; i++)
		if (m->rules->fields[i].type == type) {
			*out = &m->rules->fields[i];
			return 0;
		}
	return fail(err, ENOTSUP, "a relocation of type %u, which this program cannot move", type);
}

static bool reaches(uint64_t v, uint64_t delta, const struct reloc_field *f)
{
	if (f->bytes == 8 || f->reach == REACH_WRAPS)
		return true;
	uint64_t limit = UINT64_C(1) << 8 * f->bytes, half = limit / 2;
	bool as_unsigned = v + delta < limit, as_signed = (v ^ half) - half + delta + half < limit;

	return (f->reach != REACH_SIGNED && as_unsigned) ||
	       (f->reach != REACH_UNSIGNED && as_signed);
}

int mover_add(struct mover *m, uint64_t off, const struct reloc_field *f, uint64_t delta,
	      struct err *err)
{
	if (off > m->file.len || f->bytes > m->file.len - off)
		return fail(err, EBADMSG, "type %u runs off the file", f->type);
	uint64_t v = mover_get(m, off, f->bytes);

	if (!reaches(v, delta, f))
		return fail(err, ERANGE, "type %u: 0x%" PRIx64 " and the move do not fit %u bytes",
			    f->type, v, f->bytes);
	mover_put(m, off, v + delta, f->bytes);
	m->res->changed++;
	return 0;
}

static bool in_load(const struct elf_phdr *p, uint64_t from, uint64_t addr, uint64_t bytes,
		    uint64_t *off)
{
	if (addr < from || addr - from > p->filesz || bytes > p->filesz - (addr - from))
		return false;
	*off = p->offset + (addr - from);
	return true;
}

bool mover_at_virt(const struct mover *m, uint64_t addr, uint64_t bytes, uint64_t *off)
{
	for (unsigned i = 0; i < m->nloads; i++)
		if (in_load(&m->loads[i], m->loads[i].vaddr, addr, bytes, off))
			return true;
	return false;
}

bool mover_at_phys(const struct mover *m, uint64_t addr, uint64_t bytes, uint64_t *off)
{
	for (unsigned i = 0; i < m->nloads; i++)
		if (in_load(&m->loads[i], m->loads[i].paddr, addr, bytes, off))
			return true;
	return false;
}

int mover_check_table(const struct mover *m, const struct elf_shdr *s, uint32_t i, struct err *err)
{
	uint64_t each = (s->type == SHT_RELA ? 3u : 2u) * elf_word(&m->elf);

	if (s->entsize != each || s->size % each || elf_section(m->file, s).len != s->size)
		return fail_at(err, EBADMSG, s->offset,
			       "relocations of section %u at 0x%" PRIx64
			       " are cut off, or have entries of 0x%" PRIx64 " bytes",
			       i, s->offset, s->entsize);
	return 0;
}

struct mover_reloc mover_reloc_at(const struct mover *m, const struct elf_shdr *s, uint64_t i)
{
	unsigned word = elf_word(&m->elf);
	struct mover_reloc r = {.off = s->offset + i * s->entsize};
	uint64_t info = mover_get(m, r.off + word, word);

	r.place = mover_get(m, r.off, word);
	r.sym = (uint32_t)(m->elf.elf32 ? info >> 8 : info >> 32);
	r.type = (uint32_t)(m->elf.elf32 ? info & 0xff : info);
	if (s->type == SHT_RELA)
		r.addend = mover_get(m, r.off + 2 * word, word);
	return r;
}
