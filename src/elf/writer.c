/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/writer.h"

#include <errno.h>
#include <string.h>

#include "base/put.h"

/* Fields one after the other; the largest record is 64 bytes. */
struct record {
	uint8_t bytes[ELF64_EHDR_SIZE];
	unsigned len;
	bool big;
};

static void put(struct record *r, uint64_t v, unsigned bytes)
{
	if (r->big)
		put_be(r->bytes + r->len, v, bytes);
	else
		put_le(r->bytes + r->len, v, bytes);
	r->len += bytes;
}

int elf_put_header(struct buf *out, const struct elf *e)
{
	struct record r = {.len = EI_NIDENT, .big = e->big};

	memcpy(r.bytes, ELFMAG, SELFMAG);
	r.bytes[EI_CLASS] = e->elf32 ? ELFCLASS32 : ELFCLASS64;
	r.bytes[EI_DATA] = e->big ? ELFDATA2MSB : ELFDATA2LSB;
	r.bytes[EI_VERSION] = EV_CURRENT;
	put(&r, e->type, 2);
	put(&r, e->machine, 2);
	put(&r, EV_CURRENT, 4);
	put(&r, e->entry, elf_word(e));
	put(&r, e->phoff, elf_word(e));
	put(&r, e->shoff, elf_word(e));
	put(&r, e->flags, 4);
	put(&r, elf_ehdr_size(e), 2);
	put(&r, e->phnum ? elf_phdr_size(e) : 0, 2);
	put(&r, e->phnum, 2);
	put(&r, e->shnum ? elf_shdr_size(e) : 0, 2);
	put(&r, e->shnum, 2);
	put(&r, e->shstrndx, 2);
	return buf_add(out, r.bytes, r.len);
}

int elf_put_phdr(struct buf *out, const struct elf *e, const struct elf_phdr *p)
{
	struct record r = {.big = e->big};

	put(&r, p->type, 4);
	if (!e->elf32)
		put(&r, p->flags, 4);
	put(&r, p->offset, elf_word(e));
	put(&r, p->vaddr, elf_word(e));
	put(&r, p->paddr, elf_word(e));
	put(&r, p->filesz, elf_word(e));
	put(&r, p->memsz, elf_word(e));
	if (e->elf32)
		put(&r, p->flags, 4);
	put(&r, p->align, elf_word(e));
	return buf_add(out, r.bytes, r.len);
}

int elf_put_shdr(struct buf *out, const struct elf *e, const struct elf_shdr *s)
{
	struct record r = {.big = e->big};

	put(&r, s->name, 4);
	put(&r, s->type, 4);
	put(&r, s->flags, elf_word(e));
	put(&r, s->addr, elf_word(e));
	put(&r, s->offset, elf_word(e));
	put(&r, s->size, elf_word(e));
	put(&r, s->link, 4);
	put(&r, s->info, 4);
	put(&r, s->align, elf_word(e));
	put(&r, s->entsize, elf_word(e));
	return buf_add(out, r.bytes, r.len);
}
