/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/reader.h"

#include <string.h>

#include "base/ckd.h"
#include "base/cursor.h"

/* Where an ELF header's own numbers must be replaced by those of section 0 (System V ABI, "Extended
 * numbering"). */
struct raw_counts {
	uint16_t phnum, shnum, shstrndx;
};

static struct elf_phdr decode_phdr(const struct elf *e, struct cursor c)
{
	struct elf_phdr p = {.type = cursor_u32(&c)};

	if (!e->elf32)
		p.flags = cursor_u32(&c);
	p.offset = cursor_uint(&c, elf_word(e));
	p.vaddr = cursor_uint(&c, elf_word(e));
	p.paddr = cursor_uint(&c, elf_word(e));
	p.filesz = cursor_uint(&c, elf_word(e));
	p.memsz = cursor_uint(&c, elf_word(e));
	if (e->elf32)
		p.flags = cursor_u32(&c);
	p.align = cursor_uint(&c, elf_word(e));
	return c.bad ? (struct elf_phdr){0} : p;
}

static struct elf_shdr decode_shdr(const struct elf *e, struct cursor c)
{
	struct elf_shdr s = {.name = cursor_u32(&c)};

	s.type = cursor_u32(&c);
	s.flags = cursor_uint(&c, elf_word(e));
	s.addr = cursor_uint(&c, elf_word(e));
	s.offset = cursor_uint(&c, elf_word(e));
	s.size = cursor_uint(&c, elf_word(e));
	s.link = cursor_u32(&c);
	s.info = cursor_u32(&c);
	s.align = cursor_uint(&c, elf_word(e));
	s.entsize = cursor_uint(&c, elf_word(e));
	return c.bad ? (struct elf_shdr){0} : s;
}

static int check_ident(struct span head, struct elf *e, struct err *err)
{
	if (head.len < SELFMAG || memcmp(head.ptr, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	if (head.len < EI_NIDENT)
		return fail_at(err, EBADMSG, head.len, "the file ends inside the ELF header");
	if (head.ptr[EI_CLASS] != ELFCLASS32 && head.ptr[EI_CLASS] != ELFCLASS64)
		return fail_at(err, EBADMSG, EI_CLASS,
			       "ELF class %u at 0x4 is neither 32 nor 64 bits", head.ptr[EI_CLASS]);
	if (head.ptr[EI_DATA] != ELFDATA2LSB && head.ptr[EI_DATA] != ELFDATA2MSB)
		return fail_at(err, EBADMSG, EI_DATA, "ELF byte order %u at 0x5 is unknown",
			       head.ptr[EI_DATA]);
	e->elf32 = head.ptr[EI_CLASS] == ELFCLASS32;
	e->big = head.ptr[EI_DATA] == ELFDATA2MSB;
	return 0;
}

/* The header without section 0's corrections: @raw holds the 16-bit counts. */
static int decode_ehdr(struct span head, struct elf *e, struct raw_counts *raw, struct err *err)
{
	int r = check_ident(head, e, err);

	if (r < 0)
		return r;
	struct cursor c = cursor_at(head, EI_NIDENT, e->big);

	e->type = cursor_u16(&c);
	e->machine = cursor_u16(&c);
	uint32_t version = cursor_u32(&c);
	e->entry = cursor_uint(&c, elf_word(e));
	e->phoff = cursor_uint(&c, elf_word(e));
	e->shoff = cursor_uint(&c, elf_word(e));
	e->flags = cursor_u32(&c);
	cursor_skip(&c, 2); /* e_ehsize: some writers leave it 0, nothing depends on it */
	uint16_t phentsize = cursor_u16(&c);
	raw->phnum = cursor_u16(&c);
	uint16_t shentsize = cursor_u16(&c);
	raw->shnum = cursor_u16(&c);
	raw->shstrndx = cursor_u16(&c);

	if (c.bad)
		return fail_at(err, EBADMSG, head.len, "the file ends inside the ELF header");
	if (version != EV_CURRENT)
		return fail_at(err, EBADMSG, 0x14, "ELF version %u at 0x14 is not 1", version);
	if (raw->phnum && phentsize != elf_phdr_size(e))
		return fail_at(err, EBADMSG, 0, "program headers of %u bytes, not %u", phentsize,
			       elf_phdr_size(e));
	if (e->shoff && shentsize != elf_shdr_size(e))
		return fail_at(err, EBADMSG, 0, "section headers of %u bytes, not %u", shentsize,
			       elf_shdr_size(e));
	if (!e->shoff && (raw->phnum == PN_XNUM || raw->shstrndx == SHN_XINDEX))
		return fail_at(err, EBADMSG, 0,
			       "keeps its counts in section 0, and has no section headers");
	return 0;
}

static bool needs_section0(const struct elf *e, const struct raw_counts *raw)
{
	return e->shoff && (raw->phnum == PN_XNUM || raw->shstrndx == SHN_XINDEX || !raw->shnum);
}

/* @zero is section 0, or zeros where it was not needed. */
static int settle_counts(struct elf *e, const struct raw_counts *raw, const struct elf_shdr *zero,
			 struct err *err)
{
	e->phnum = raw->phnum == PN_XNUM ? zero->info : raw->phnum;
	e->shstrndx = raw->shstrndx == SHN_XINDEX ? zero->link : raw->shstrndx;
	e->shnum = raw->shnum;
	if (!e->shoff)
		e->shnum = 0;
	else if (!raw->shnum)
		e->shnum = zero->size > UINT32_MAX ? UINT32_MAX : (uint32_t)zero->size;
	if (raw->phnum == PN_XNUM && e->phnum < PN_XNUM)
		return fail_at(err, EBADMSG, e->shoff,
			       "the count of program headers in section 0 is %u, below 65,535",
			       e->phnum);
	return 0;
}

/* The table [off, off + n * size) of @what lies inside a file of @len bytes. */
static int check_table(const char *what, uint64_t off, uint64_t n, unsigned size, uint64_t len,
		       struct err *err)
{
	if (n && (off > len || n * size > len - off))
		return fail_at(err, EBADMSG, off,
			       "%llu %s headers at 0x%llx run off the file (0x%llx bytes)",
			       (unsigned long long)n, what, (unsigned long long)off,
			       (unsigned long long)len);
	return 0;
}

int elf_parse(struct span file, struct elf *out, struct err *err)
{
	struct raw_counts raw = {0};
	struct elf_shdr zero = {0};
	struct elf e = {0};
	int r = decode_ehdr(file, &e, &raw, err);

	if (r < 0)
		return r;
	if (needs_section0(&e, &raw)) {
		r = check_table("section", e.shoff, 1, elf_shdr_size(&e), file.len, err);
		if (r < 0)
			return r;
		zero = decode_shdr(&e, cursor_at(file, e.shoff, e.big));
	}
	r = settle_counts(&e, &raw, &zero, err);
	if (r < 0)
		return r;
	r = check_table("program", e.phoff, e.phnum, elf_phdr_size(&e), file.len, err);
	if (r < 0)
		return r;
	r = check_table("section", e.shoff, e.shnum, elf_shdr_size(&e), file.len, err);
	if (r < 0)
		return r;
	*out = e;
	return 0;
}

int elf_parse_head(struct span head, struct elf *out, struct err *err)
{
	struct raw_counts raw = {0};
	struct elf e = {0};
	int r = decode_ehdr(head, &e, &raw, err);

	if (r < 0)
		return r;
	if (raw.phnum == PN_XNUM)
		return fail_at(err, EBADMSG, 0, "has more than 65,534 program headers");
	e.phnum = raw.phnum;
	e.shoff = 0;
	r = check_table("program", e.phoff, e.phnum, elf_phdr_size(&e), head.len, err);
	if (!r)
		*out = e;
	return r;
}

struct elf_phdr elf_phdr_at(const struct elf *e, struct span file, uint32_t i)
{
	uint64_t off = e->phoff + (uint64_t)i * elf_phdr_size(e);

	if (i >= e->phnum)
		return (struct elf_phdr){0};
	return decode_phdr(e, cursor_at(file, off, e->big));
}

struct elf_shdr elf_shdr_at(const struct elf *e, struct span file, uint32_t i)
{
	uint64_t off = e->shoff + (uint64_t)i * elf_shdr_size(e);

	if (i >= e->shnum)
		return (struct elf_shdr){0};
	return decode_shdr(e, cursor_at(file, off, e->big));
}

struct span elf_segment(struct span file, const struct elf_phdr *p)
{
	return span_sub(file, p->offset, p->filesz);
}

struct span elf_section(struct span file, const struct elf_shdr *s)
{
	if (s->type == SHT_NOBITS || s->type == SHT_NULL)
		return (struct span){NULL, 0};
	return span_sub(file, s->offset, s->size);
}

const char *elf_string(struct span table, uint64_t off)
{
	struct span rest = span_from(table, off);

	if (rest.len > ELF_NAME_MAX)
		rest.len = ELF_NAME_MAX;
	return rest.len && memchr(rest.ptr, 0, rest.len) ? (const char *)rest.ptr : NULL;
}

bool elf_find_section(const struct elf *e, struct span file, const char *name, struct elf_shdr *out)
{
	struct elf_shdr strings = elf_shdr_at(e, file, e->shstrndx);
	struct span table = elf_section(file, &strings);

	for (uint32_t i = 0; i < e->shnum; i++) {
		struct elf_shdr s = elf_shdr_at(e, file, i);
		const char *have = s.type == SHT_NULL ? NULL : elf_string(table, s.name);

		if (have && !strcmp(have, name)) {
			*out = s;
			return true;
		}
	}
	return false;
}

static int load_section0(const struct elf_io *io, const struct elf *e, struct elf_shdr *out,
			 struct err *err)
{
	uint8_t bytes[ELF64_SHDR_SIZE];
	int r = check_table("section", e->shoff, 1, elf_shdr_size(e), io->size, err);

	if (r < 0)
		return r;
	r = io->read_at(io->ctx, e->shoff, bytes, elf_shdr_size(e));
	if (r < 0)
		return fail_at(err, -r, e->shoff, "cannot read section 0 at 0x%llx: %s",
			       (unsigned long long)e->shoff, strerror(-r));
	*out = decode_shdr(e, cursor_at(span_of(bytes, elf_shdr_size(e)), 0, e->big));
	return 0;
}

static int load_table(const struct elf_io *io, const struct elf *e, struct elf_phdrs *phdrs,
		      struct err *err)
{
	enum { STEP = 512 };
	uint8_t bytes[STEP * ELF64_PHDR_SIZE];
	unsigned size = elf_phdr_size(e);

	for (uint32_t done = 0; done < e->phnum;) {
		uint32_t n = e->phnum - done < STEP ? e->phnum - done : STEP;
		uint64_t off = e->phoff + (uint64_t)done * size;
		int r = io->read_at(io->ctx, off, bytes, (size_t)n * size);

		if (r < 0)
			return fail_at(err, -r, off, "cannot read program headers at 0x%llx: %s",
				       (unsigned long long)off, strerror(-r));
		for (uint32_t i = 0; i < n; i++) {
			struct span one = span_of(bytes + (size_t)i * size, size);

			if (vec_push(phdrs, decode_phdr(e, cursor_at(one, 0, e->big))) < 0)
				return fail(err, ENOMEM, "no memory for %u program headers",
					    e->phnum);
		}
		done += n;
	}
	return 0;
}

int elf_load(const struct elf_io *io, struct elf *out, struct elf_phdrs *phdrs, struct err *err)
{
	uint8_t head[ELF64_EHDR_SIZE] = {0};
	size_t len = io->size < sizeof(head) ? (size_t)io->size : sizeof(head);
	struct raw_counts raw = {0};
	struct elf_shdr zero = {0};
	struct elf e = {0};
	int r = io->read_at(io->ctx, 0, head, len);

	if (r < 0)
		return fail_at(err, -r, 0, "cannot read the ELF header: %s", strerror(-r));
	r = decode_ehdr(span_of(head, len), &e, &raw, err);
	if (r < 0)
		return r;
	if (needs_section0(&e, &raw))
		r = load_section0(io, &e, &zero, err);
	if (r >= 0)
		r = settle_counts(&e, &raw, &zero, err);
	if (r >= 0 && e.phnum > ELF_PHDR_LIMIT)
		r = fail_at(err, EBADMSG, 0, "%u program headers, more than the limit of %u",
			    e.phnum, (unsigned)ELF_PHDR_LIMIT);
	if (r >= 0)
		r = check_table("program", e.phoff, e.phnum, elf_phdr_size(&e), io->size, err);
	if (r >= 0)
		r = load_table(io, &e, phdrs, err);
	if (r < 0) {
		vec_done(phdrs);
		return r;
	}
	*out = e;
	return 0;
}
