/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crash/elfcorehdr.h"

#include "base/ckd.h"
#include "elf/writer.h"

/* e_phnum has 16 bits, and 0xffff would be PN_XNUM, which fs/proc/vmcore.c does not know. */
enum { PHNUM_MAX = PN_XNUM - 1 };

struct builder {
	const struct crash_traits *traits;
	const struct crash_input *in;
	struct elf elf;
	struct buf *out; /* NULL: only count */
	uint64_t count;
	struct err *err;
};

/* ELF32 keeps p_offset, p_paddr and sizes in 32 bits; the end may be 4 GiB itself. */
static int check_elf32(const struct builder *b, const struct elf_phdr *p)
{
	uint64_t end;

	if (!b->traits->elf32)
		return 0;
	if (ckd_add(&end, p->paddr, p->memsz) || end > 1ull << 32 || p->memsz > UINT32_MAX)
		return fail(b->err, ERANGE,
			    "memory 0x%llx-0x%llx lies above 4 GiB: a 32-bit crash header cannot "
			    "hold it",
			    (unsigned long long)p->paddr,
			    (unsigned long long)(p->paddr + p->memsz - 1));
	if (p->offset > UINT32_MAX)
		return fail(
			b->err, ERANGE,
			"backup at 0x%llx lies above 4 GiB: a 32-bit crash header cannot hold it",
			(unsigned long long)p->offset);
	return 0;
}

static int put(struct builder *b, struct elf_phdr p)
{
	b->count++;
	if (!b->out)
		return 0;
	p.filesz = p.memsz;
	int r = check_elf32(b, &p);

	if (r < 0)
		return r;
	if (elf_put_phdr(b->out, &b->elf, &p) < 0)
		return fail(b->err, ENOMEM, "no memory for the crash header");
	return 0;
}

static int put_notes(struct builder *b)
{
	const struct crash_input *in = b->in;
	int r = 0;

	for (size_t i = 0; i < in->nnotes && r >= 0; i++)
		r = put(b, (struct elf_phdr){.type = PT_NOTE,
					     .offset = in->notes[i].addr,
					     .paddr = in->notes[i].addr,
					     .memsz = in->notes[i].size});
	if (r >= 0 && !range_empty(in->vmcoreinfo))
		r = put(b, (struct elf_phdr){.type = PT_NOTE,
					     .offset = in->vmcoreinfo.start,
					     .paddr = in->vmcoreinfo.start,
					     .memsz = range_size(in->vmcoreinfo)});
	return r;
}

static int put_text(struct builder *b)
{
	if (range_empty(b->in->text))
		return 0;
	return put(b, (struct elf_phdr){.type = PT_LOAD,
					.flags = PF_R | PF_W | PF_X,
					.offset = b->in->text.start,
					.vaddr = b->in->text_va,
					.paddr = b->in->text.start,
					.memsz = range_size(b->in->text)});
}

/* All ones where no part of the range, or not all of it, is mapped: highmem of a 32-bit kernel. */
static uint64_t linear_va(const struct builder *b, struct range r)
{
	uint64_t va = r.start + b->in->linear_offset;

	if (!b->in->has_linear || (b->in->linear_end && r.start >= b->in->linear_end))
		return UINT64_MAX;
	if (b->traits->elf32 && (uint32_t)va + range_size(r) > 1ull << 32)
		return UINT64_MAX;
	return b->traits->elf32 ? (uint32_t)va : va;
}

/* Lowmem and highmem get headers of their own. */
static int put_ram(struct builder *b, struct range r, uint64_t offset)
{
	uint64_t end = b->in->linear_end;

	if (range_empty(r))
		return 0;
	if (b->in->has_linear && r.start < end && end < r.end) {
		int q = put_ram(b, (struct range){r.start, end}, offset);

		if (q < 0)
			return q;
		offset += end - r.start;
		r.start = end;
	}
	return put(b, (struct elf_phdr){.type = PT_LOAD,
					.flags = PF_R | PF_W | PF_X,
					.offset = offset,
					.vaddr = linear_va(b, r),
					.paddr = r.start,
					.memsz = range_size(r)});
}

/*
 * A range that meets the backup source becomes up to three headers; only the middle one is read
 * from the copy (fs/proc/vmcore.c takes p_offset as the physical address to read and p_paddr as
 * what it is called).
 */
static int put_range(struct builder *b, struct range r)
{
	struct range mid = range_meet(r, b->in->backup);

	if (range_empty(mid))
		return put_ram(b, r, r.start);
	int q = put_ram(b, (struct range){r.start, mid.start}, r.start);

	if (q >= 0)
		q = put_ram(b, mid, b->in->backup_at + (mid.start - b->in->backup.start));
	if (q >= 0)
		q = put_ram(b, (struct range){mid.end, r.end}, mid.end);
	return q;
}

static int put_all(struct builder *b)
{
	const struct range_list *ram = &b->in->ram;
	int r = put_notes(b);

	if (r >= 0)
		r = put_text(b);
	for (size_t i = 0; i < ram->n && r >= 0; i++)
		r = put_range(b, ram->v[i]);
	return r;
}

int elfcorehdr_build(const struct crash_traits *traits, const struct crash_input *in,
		     struct buf *out, struct err *err)
{
	struct builder b = {.traits = traits, .in = in, .err = err};
	struct buf made = BUF_INIT;
	int r;

	put_all(&b);
	if (!b.count)
		return fail(err, EINVAL, "a crash header without memory and CPUs");
	if (b.count > PHNUM_MAX)
		return fail(err, EOVERFLOW,
			    "%llu program headers needed, more than the %u that the kernel reads",
			    (unsigned long long)b.count, (unsigned)PHNUM_MAX);
	b.elf = (struct elf){.elf32 = traits->elf32,
			     .big = traits->big,
			     .type = ET_CORE,
			     .machine = traits->elf_machine,
			     .flags = traits->elf_flags,
			     .phnum = (uint32_t)b.count};
	b.elf.phoff = elf_ehdr_size(&b.elf);
	b.out = &made;
	size_t size = elf_ehdr_size(&b.elf) + (size_t)b.count * elf_phdr_size(&b.elf);

	if (buf_reserve(&made, size) < 0 ||
	    elf_put_header(&made, &b.elf) < 0)
		r = fail(err, ENOMEM, "no memory for the crash header");
	else
		r = put_all(&b);
	if (r < 0) {
		buf_done(&made);
		return r;
	}
	buf_done(out);
	*out = made;
	return 0;
}
