/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/kcore.h"

#include <elf.h>
#include <endian.h>
#include <string.h>

#include "base/cursor.h"
#include "base/put.h"
#include "machine/text.h"

#define EHDR64    64u
#define PHDR64    56u
#define NOTE_NAME "VMCOREINFO"

struct head {
	struct span in;
	bool big, wide;
	uint64_t phoff, shoff;
	uint32_t phentsize, phnum;
};

struct phdr {
	uint32_t type;
	uint64_t offset, va, pa, filesz, memsz;
};

static uint64_t word(struct cursor *c, bool wide)
{
	return cursor_uint(c, wide ? 8 : 4);
}

/*
 * The real number of headers lies in section header 0 when e_phnum is PN_XNUM (ELF gABI); sh_info
 * is its field.
 */
static bool counts_apart(const struct head *h)
{
	return h->phnum == PN_XNUM && h->shoff && h->shoff <= KCORE_HEAD_MAX;
}

static int count_headers(struct head *h, struct err *err)
{
	struct cursor c = cursor_at(h->in, h->shoff + (h->wide ? 44 : 28), h->big);

	if (!counts_apart(h))
		return 0;
	h->phnum = cursor_u32(&c);
	if (c.bad)
		return fail(err, EBADMSG, "section header at 0x%llx is not there",
			    (unsigned long long)h->shoff);
	return 0;
}

static int read_head(struct span in, struct head *h, struct err *err)
{
	if (in.len < EI_NIDENT || memcmp(in.ptr, ELFMAG, SELFMAG))
		return -ENOEXEC;
	*h = (struct head){.in = in,
			   .big = in.ptr[EI_DATA] == ELFDATA2MSB,
			   .wide = in.ptr[EI_CLASS] == ELFCLASS64};
	struct cursor c = cursor_at(in, EI_NIDENT, h->big);
	uint16_t type = cursor_u16(&c);

	cursor_skip(&c, 2 + 4);  /* e_machine, e_version */
	(void)word(&c, h->wide); /* e_entry */
	h->phoff = word(&c, h->wide);
	h->shoff = word(&c, h->wide);
	cursor_skip(&c, 4 + 2); /* e_flags, e_ehsize */
	h->phentsize = cursor_u16(&c);
	h->phnum = cursor_u16(&c);
	if (c.bad)
		return fail(err, EBADMSG, "ELF header is cut off at 0x%zx", in.len);
	if (type != ET_CORE)
		return -ENOEXEC;
	if (h->phentsize < (h->wide ? PHDR64 : sizeof(Elf32_Phdr)))
		return fail(err, EBADMSG, "program headers of %u bytes", h->phentsize);
	return 0;
}

static uint64_t table_end(const struct head *h)
{
	uint64_t size = (uint64_t)h->phentsize * h->phnum;

	return h->phoff > KCORE_HEAD_MAX ? UINT64_MAX : h->phoff + size;
}

/*
 * There may be 100,000 headers: whole words are loaded, which the cursor's bytes cannot keep up
 * with.
 */
static uint32_t load32(const struct head *h, const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return h->big ? be32toh(v) : le32toh(v);
}

static uint64_t load64(const struct head *h, const uint8_t *at)
{
	uint64_t v;

	memcpy(&v, at, sizeof(v));
	return h->big ? be64toh(v) : le64toh(v);
}

/* Header @i, which lies inside the file: table_end() was compared. */
static const uint8_t *phdr_at(const struct head *h, uint32_t i)
{
	return h->in.ptr + h->phoff + (uint64_t)i * h->phentsize;
}

static uint32_t phdr_type(const struct head *h, uint32_t i)
{
	return load32(h, phdr_at(h, i));
}

static struct phdr read_phdr(const struct head *h, uint32_t i)
{
	const uint8_t *at = phdr_at(h, i);

	if (h->wide)
		return (struct phdr){load32(h, at),      load64(h, at + 8),  load64(h, at + 16),
				     load64(h, at + 24), load64(h, at + 32), load64(h, at + 40)};
	return (struct phdr){load32(h, at),      load32(h, at + 4),  load32(h, at + 8),
			     load32(h, at + 12), load32(h, at + 16), load32(h, at + 20)};
}

static int too_long(uint64_t need, struct err *err)
{
	return fail(err, EBADMSG, "headers and notes reach up to 0x%llx", (unsigned long long)need);
}

/* The end of the last note, or @want if that lies behind it. */
static int end_of_notes(const struct head *h, uint64_t *want, struct err *err)
{
	for (uint32_t i = 0; i < h->phnum; i++) {
		if (phdr_type(h, i) != PT_NOTE)
			continue;
		struct phdr p = read_phdr(h, i);
		if (p.filesz > KCORE_HEAD_MAX || p.offset > KCORE_HEAD_MAX - p.filesz)
			return too_long(p.offset, err);
		if (p.offset + p.filesz > *want)
			*want = p.offset + p.filesz;
	}
	return 0;
}

int kcore_need(struct span head, uint64_t *need, struct err *err)
{
	struct head h;
	uint64_t want = EHDR64;
	int r = 0;

	if (head.len >= want) {
		r = read_head(head, &h, err);
		if (r < 0)
			return r;
		if (counts_apart(&h))
			want = h.shoff + sizeof(Elf64_Shdr);
	}
	if (head.len >= want) {
		r = count_headers(&h, err);
		if (!r && table_end(&h) > KCORE_HEAD_MAX)
			r = too_long(table_end(&h), err);
		if (r < 0)
			return r;
		if (table_end(&h) > want)
			want = table_end(&h);
	}
	if (head.len >= want)
		r = end_of_notes(&h, &want, err);
	*need = want;
	return r;
}

/* Names and descriptors are padded to 4 bytes in /proc/kcore, whatever p_align says. */
static int read_notes(const struct head *h, struct span notes, struct buf *text)
{
	struct cursor c = cursor_at(notes, 0, h->big);

	while (!c.bad && c.pos < notes.len) {
		uint32_t namesz = cursor_u32(&c), descsz = cursor_u32(&c);

		cursor_skip(&c, 4); /* n_type */
		struct span name = cursor_take(&c, namesz);
		cursor_skip(&c, -namesz & 3u);
		struct span desc = cursor_take(&c, descsz);
		/* The last note may come without its padding. */
		if (c.bad)
			return 0;
		if (text_is(text_trim(name), NOTE_NAME)) {
			/* Padding zeros behind the text are none of it. */
			while (desc.len && !desc.ptr[desc.len - 1])
				desc.len--;
			return buf_add(text, desc.ptr, desc.len);
		}
		cursor_skip(&c, -descsz & 3u);
	}
	return 0;
}

static int read_load(const struct head *h, const struct phdr *p, struct machine *m)
{
	struct kernel_map k = {p->va, p->pa, p->memsz};

	if (!h->wide && p->pa == UINT32_MAX)
		k.pa = UINT64_MAX;
	return p->memsz ? vec_push(&m->kcore, k) : 0;
}

int kcore_facts(struct span head, struct machine *m, struct err *err)
{
	struct head h;
	int r = read_head(head, &h, err);

	if (!r)
		r = count_headers(&h, err);
	if (r < 0)
		return r;
	if (table_end(&h) > head.len)
		return fail(err, EBADMSG, "%u program headers at 0x%llx run off the file", h.phnum,
			    (unsigned long long)h.phoff);
	for (uint32_t i = 0; i < h.phnum && !r; i++) {
		struct phdr p = read_phdr(&h, i);

		if (p.type == PT_LOAD)
			r = read_load(&h, &p, m);
		if (p.type == PT_NOTE && !m->vmcoreinfo_text.len)
			r = read_notes(&h, span_sub(head, p.offset, p.filesz), &m->vmcoreinfo_text);
	}
	return r < 0 ? fail(err, ENOMEM, "no memory for %u program headers", h.phnum) : 0;
}

static void put_phdr(uint8_t *at, const struct phdr *p)
{
	put_le(at, p->type, 4);
	put_le(at + 8, p->offset, 8);
	put_le(at + 16, p->va, 8);
	put_le(at + 24, p->pa, 8);
	put_le(at + 32, p->filesz, 8);
	put_le(at + 40, p->memsz, 8);
}

/* Above 65,534 headers the count lies in section header 0, right behind the ELF header. */
static void put_head(uint8_t *at, size_t phnum, size_t phoff)
{
	bool many = phnum >= PN_XNUM;

	memcpy(at, ELFMAG, SELFMAG);
	at[EI_CLASS] = ELFCLASS64;
	at[EI_DATA] = ELFDATA2LSB;
	at[EI_VERSION] = EV_CURRENT;
	put_le(at + 16, ET_CORE, 2);
	put_le(at + 20, EV_CURRENT, 4);
	put_le(at + 32, phoff, 8);
	put_le(at + 52, EHDR64, 2);
	put_le(at + 54, PHDR64, 2);
	put_le(at + 56, many ? PN_XNUM : phnum, 2);
	if (!many)
		return;
	put_le(at + 40, EHDR64, 8);
	put_le(at + 58, sizeof(Elf64_Shdr), 2);
	put_le(at + 60, 1, 2);
	put_le(at + EHDR64 + 44, phnum, 4);
}

int kcore_write(const struct machine *m, struct buf *out)
{
	const struct buf *text = &m->vmcoreinfo_text;
	size_t phnum = m->kcore.n + 1;
	size_t phoff = EHDR64 + (phnum >= PN_XNUM ? sizeof(Elf64_Shdr) : 0);
	size_t notes = phoff + phnum * PHDR64;
	size_t name = (sizeof(NOTE_NAME) + 3) / 4 * 4, desc = (text->len + 3) / 4 * 4;
	struct phdr p = {.type = PT_NOTE, .offset = notes, .filesz = 12 + name + desc};

	if (buf_zero(out, notes + 12 + name + desc) < 0)
		return -ENOMEM;
	put_head(out->ptr, phnum, phoff);
	put_phdr(out->ptr + phoff, &p);
	for (size_t i = 0; i < m->kcore.n; i++) {
		const struct kernel_map *k = &m->kcore.v[i];

		p = (struct phdr){PT_LOAD, 0, k->va, k->pa, 0, k->size};
		put_phdr(out->ptr + phoff + (i + 1) * PHDR64, &p);
	}
	put_le(out->ptr + notes, sizeof(NOTE_NAME), 4);
	put_le(out->ptr + notes + 4, text->len, 4);
	memcpy(out->ptr + notes + 12, NOTE_NAME, sizeof(NOTE_NAME));
	if (text->len)
		memcpy(out->ptr + notes + 12 + name, text->ptr, text->len);
	return 0;
}
