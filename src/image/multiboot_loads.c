/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/multiboot_loads.h"

#include <inttypes.h>

#include "base/ckd.h"
#include "elf/reader.h"
#include "image/vmlinux.h"

/* The kernel is entered in 32-bit mode without paging. */
#define MEMORY_END (1ull << 32)

/* Insert by address. */
static int add_load(struct multiboot *m, struct multiboot_load l, struct err *err)
{
	unsigned at = m->nloads;
	uint64_t end;

	if (ckd_add(&end, l.phys, l.size) || end > MEMORY_END)
		return fail(err, ENOTSUP, "0x%" PRIx64 " bytes at 0x%" PRIx64 " lie above 4G",
			    l.size, l.phys);
	if (m->nloads == MULTIBOOT_LOADS_MAX)
		return fail(err, ENOTSUP, "has more than %d segments to load", MULTIBOOT_LOADS_MAX);
	for (; at && m->loads[at - 1].phys > l.phys; at--)
		m->loads[at] = m->loads[at - 1];
	m->loads[at] = l;
	m->nloads++;
	return 0;
}

static int read_segment(struct span file, const struct elf_phdr *p, uint32_t i, struct multiboot *m,
			struct err *err)
{
	struct multiboot_load l = {span_sub(file, p->offset, p->filesz), p->paddr, p->memsz};

	if (p->filesz > p->memsz)
		return fail_at(err, EBADMSG, p->offset,
			       "segment %" PRIu32 " has 0x%" PRIx64
			       " bytes in the file and 0x%" PRIx64 " in memory",
			       i, p->filesz, p->memsz);
	if (p->filesz && !l.data.ptr)
		return fail_at(err, EBADMSG, file.len,
			       "segment %" PRIu32 " (0x%" PRIx64 " bytes at 0x%" PRIx64
			       ") runs off the file of 0x%zx bytes",
			       i, p->filesz, p->offset, file.len);
	return p->memsz ? add_load(m, l, err) : 0;
}

/* e_entry is physical by the specification; kernels that map themselves high give theirs there. */
static uint64_t physical_entry(const struct elf *e, struct span file)
{
	uint64_t at = e->entry;

	for (uint32_t i = 0; i < e->phnum; i++) {
		struct elf_phdr p = elf_phdr_at(e, file, i);

		if (p.type != PT_LOAD)
			continue;
		if (e->entry - p.paddr < p.filesz)
			return e->entry;
		if (e->entry - p.vaddr < p.filesz)
			at = e->entry - p.vaddr + p.paddr;
	}
	return at;
}

static int read_elf(struct span file, struct multiboot *m, struct err *err)
{
	struct elf e;
	int r = elf_parse(file, &e, err);

	if (r == -ENOEXEC)
		return fail_at(err, EBADMSG, m->header,
			       "has a multiboot header, but neither an ELF header nor load "
			       "addresses");
	if (r)
		return r;
	if (e.machine != (e.elf32 ? EM_386 : EM_X86_64) || e.big)
		return fail(err, ENOTSUP, "is a multiboot kernel for a CPU that is no x86");
	for (uint32_t i = 0; i < e.phnum && !r; i++) {
		struct elf_phdr p = elf_phdr_at(&e, file, i);

		if (p.type == PT_LOAD)
			r = read_segment(file, &p, i, m, err);
	}
	m->entry = physical_entry(&e, file);
	return r;
}

/* Text and data are the file's bytes from where the header says that it is itself. */
static int read_flat(struct span file, const struct mb_addresses *a, struct multiboot *m,
		     struct err *err)
{
	uint64_t before = a->header - a->load, len, size;
	struct multiboot_load l = {.phys = a->load};

	if (a->header < a->load || before > m->header)
		return fail_at(err, EBADMSG, m->header,
			       "multiboot header says that it is at 0x%x, the load begins at 0x%x",
			       a->header, a->load);
	l.data = span_from(file, m->header - before);
	len = a->load_end ? (uint64_t)a->load_end - a->load : l.data.len;
	if (a->load_end < a->load && a->load_end)
		return fail_at(err, EBADMSG, m->header, "load ends at 0x%x, before 0x%x",
			       a->load_end, a->load);
	l.data = span_sub(l.data, 0, len);
	if (!l.data.len)
		return fail_at(err, EBADMSG, m->header,
			       "0x%" PRIx64 " bytes to load are not in the file's 0x%zx; was it "
			       "cut?",
			       len, file.len);
	size = a->bss_end ? (uint64_t)a->bss_end - a->load : len;
	if ((a->bss_end && a->bss_end < a->load) || size < len)
		return fail_at(err, EBADMSG, m->header, "bss ends at 0x%x, inside the load",
			       a->bss_end);
	l.size = size;
	return add_load(m, l, err);
}

/* @len: of the file. */
static int conclude(struct multiboot *m, size_t len, struct err *err)
{
	uint64_t file_end = 0;
	bool entered = false;

	if (!m->nloads)
		return fail(err, EBADMSG, "has nothing to load");
	for (unsigned i = 0; i < m->nloads; i++) {
		const struct multiboot_load *l = &m->loads[i];

		if (i && l->phys < m->end)
			return fail(err, EBADMSG, "two segments both claim 0x%" PRIx64, l->phys);
		m->end = l->phys + l->size;
		file_end = l->phys + l->data.len;
		entered |= m->entry - l->phys < l->data.len;
	}
	m->low = m->loads[0].phys;
	if (file_end - m->low > VMLINUX_GAPS_MAX(len))
		return fail(err, EBADMSG,
			    "spreads 0x%zx bytes over 0x%" PRIx64
			    " of memory: no kernel has such gaps",
			    len, file_end - m->low);
	if (!entered)
		return fail(err, EBADMSG, "entry 0x%" PRIx64 " is in no segment", m->entry);
	if (m->relocatable && m->end - m->low - 1 > m->max - m->min)
		return fail(err, EBADMSG,
			    "has 0x%" PRIx64 " bytes, and no room between 0x%x and 0x%x",
			    m->end - m->low, m->min, m->max);
	return 0;
}

int multiboot_memory(const struct multiboot *m, struct buf *out)
{
	for (unsigned i = 0; i < m->nloads; i++) {
		const struct multiboot_load *l = &m->loads[i];
		uint64_t hole = i ? m->loads[i - 1].phys + m->loads[i - 1].data.len : m->low;

		if (buf_zero(out, (size_t)(l->phys - hole)) < 0 ||
		    buf_add(out, l->data.ptr, l->data.len) < 0)
			return -ENOMEM;
	}
	return 0;
}

int multiboot_read_loads(struct span file, const struct mb_addresses *a, struct multiboot *m,
			 struct err *err)
{
	int r;

	m->by_addresses = a->given;
	r = a->given ? read_flat(file, a, m, err) : read_elf(file, m, err);
	if (r)
		return r;
	if (a->entry_given)
		m->entry = a->entry;
	return conclude(m, file.len, err);
}
