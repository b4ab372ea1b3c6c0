/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmcore/dump.h"

#include <string.h>

#include "base/ckd.h"
#include "elf/note.h"

enum {
	NOTES_LIMIT = 1 << 20,
	/* The kernel's own limit is one page (VMCOREINFO_BYTES); large-page kernels have 64 KiB. */
	VMCOREINFO_LIMIT = 1 << 20,
	PAGE_SIZE_DEFAULT = 4096,
};

static int by_start(const void *a, const void *b)
{
	const struct dump_map *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Sort, and cut what a range before covers already: the kernel's text lies in the linear map too.
 */
static void settle(struct dump_maps *m)
{
	uint64_t end = 0;
	size_t n = 0;

	if (m->n)
		qsort(m->v, m->n, sizeof(*m->v), by_start);
	for (size_t i = 0; i < m->n; i++) {
		struct dump_map one = m->v[i];
		uint64_t cut = n && one.start < end ? end - one.start : 0;

		if (cut >= one.size)
			continue;
		m->v[n++] = (struct dump_map){one.start + cut, one.size - cut, one.off + cut,
					      one.pa + cut};
		end = one.start + one.size;
	}
	m->n = n;
}

static const struct dump_map *find(const struct dump_maps *m, uint64_t addr)
{
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->v[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || addr - m->v[lo - 1].start >= m->v[lo - 1].size)
		return NULL;
	return &m->v[lo - 1];
}

static int add_load(struct dump *d, const struct elf_phdr *p)
{
	uint64_t none = d->elf.elf32 ? UINT32_MAX : UINT64_MAX;
	uint64_t size = p->filesz < p->memsz ? p->filesz : p->memsz, end;
	struct dump_map m = {p->paddr, size, p->offset, p->paddr};
	int r = 0;

	if (!size)
		return 0;
	if (ckd_add(&end, p->offset, size) || end > INT64_MAX ||
	    (p->paddr != none && ckd_add(&(uint64_t){0}, p->paddr, size))) {
		d->bad_loads++;
		return 0;
	}
	if (end > d->end)
		d->end = end;
	if (p->paddr != none)
		r = vec_push(&d->by_pa, m);
	m.start = p->vaddr;
	if (r >= 0 && p->vaddr != none && size <= none - p->vaddr)
		r = vec_push(&d->by_va, m);
	return r;
}

static int add_vmcoreinfo(struct dump *d, const struct dump_note *n)
{
	size_t len = n->size < VMCOREINFO_LIMIT ? (size_t)n->size : VMCOREINFO_LIMIT;

	if (d->vmcoreinfo.len || !len)
		return 0;
	if (buf_zero(&d->vmcoreinfo, len) < 0)
		return -ENOMEM;
	if (d->io.read_at(d->io.ctx, n->off, d->vmcoreinfo.ptr, len) < 0) {
		d->vmcoreinfo.len = 0;
		d->notes_damaged = true;
	}
	return 0;
}

/* 1: one note taken | 0: no more, or damage */
static int add_note(struct dump *d, const struct elf_phdr *p, uint64_t *pos)
{
	struct dump_note n = {0};
	uint8_t head[ELF_NHDR_SIZE];

	if (p->filesz - *pos < sizeof(head) || d->notes.n >= NOTES_LIMIT)
		return 0;
	int r = d->io.read_at(d->io.ctx, p->offset + *pos, head, sizeof(head));
	struct elf_note_layout l = elf_note_layout(head, d->elf.big, p->align);

	if (r >= 0 && !l.namesz && !l.descsz && !l.type)
		return 0;
	if (r < 0 || l.desc_off + l.descsz > p->filesz - *pos) {
		d->notes_damaged = true;
		return 0;
	}
	n.type = l.type;
	n.size = l.descsz;
	n.off = p->offset + *pos + l.desc_off;
	size_t keep = l.namesz < sizeof(n.name) ? l.namesz : sizeof(n.name) - 1;
	if (d->io.read_at(d->io.ctx, p->offset + *pos + sizeof(head), n.name, keep) < 0) {
		d->notes_damaged = true;
		return 0;
	}
	/* Names are shown: nothing but plain characters gets through. */
	for (size_t i = 0; i < keep && n.name[i]; i++)
		if (n.name[i] < ' ' || n.name[i] > '~')
			n.name[i] = '?';
	*pos = l.total < p->filesz - *pos ? *pos + l.total : p->filesz;
	if (vec_push(&d->notes, n) < 0)
		return -ENOMEM;
	if (n.type == 0 && !strcmp(n.name, "VMCOREINFO") && add_vmcoreinfo(d, &n) < 0)
		return -ENOMEM;
	return 1;
}

static int add_notes(struct dump *d, const struct elf_phdr *p)
{
	uint64_t pos = 0;
	int r = 1;

	if (ckd_add(&(uint64_t){0}, p->offset, p->filesz)) {
		d->notes_damaged = true;
		return 0;
	}
	while (r > 0)
		r = add_note(d, p, &pos);
	return r;
}

static int read_parts(struct dump *d, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < d->phdrs.n && r >= 0; i++) {
		const struct elf_phdr *p = &d->phdrs.v[i];

		if (p->type == PT_LOAD)
			r = add_load(d, p);
		else if (p->type == PT_NOTE)
			r = add_notes(d, p);
	}
	if (r < 0)
		return fail(err, ENOMEM, "no memory for the list of segments");
	settle(&d->by_pa);
	settle(&d->by_va);
	return 0;
}

int dump_open(const struct elf_io *io, struct dump *out, struct err *err)
{
	struct dump d = {.io = *io, .page_size = PAGE_SIZE_DEFAULT};
	uint64_t page;
	int r = elf_load(io, &d.elf, &d.phdrs, err);

	if (r == -ENOEXEC)
		return fail_at(err, ENOEXEC, 0, "is no ELF core: it does not begin with 7f 'ELF'");
	if (r < 0)
		return r;
	if (d.elf.type != ET_CORE)
		r = fail_at(err, ENOTSUP, 0x10, "is an ELF file of type %u, not a core",
			    d.elf.type);
	if (r >= 0)
		r = read_parts(&d, err);
	if (r < 0) {
		dump_done(&d);
		return r;
	}
	d.incomplete = d.elf.flags & DUMP_ELF_INCOMPLETE;
	if (dump_key(&d, "PAGESIZE", &page) && page >= 4096 && page <= 1 << 20 &&
	    !(page & (page - 1)))
		d.page_size = page;
	dump_find_paging(&d);
	*out = d;
	return 0;
}

void dump_done(struct dump *d)
{
	vec_done(&d->phdrs);
	vec_done(&d->by_pa);
	vec_done(&d->by_va);
	vec_done(&d->notes);
	buf_done(&d->vmcoreinfo);
}

/* Both spaces: as much as one map holds, then the next. */
static int read_part(const struct dump *d, const struct dump_map *m, uint64_t addr, uint8_t *buf,
		     size_t len)
{
	return d->io.read_at(d->io.ctx, m->off + (addr - m->start), buf, len);
}

int dump_read_pa(const struct dump *d, uint64_t pa, void *buf, size_t len)
{
	uint8_t *to = buf;

	while (len) {
		const struct dump_map *m = find(&d->by_pa, pa);

		if (!m)
			return -ENODATA;
		uint64_t room = m->size - (pa - m->start);
		size_t n = room < len ? (size_t)room : len;
		int r = read_part(d, m, pa, to, n);

		if (r < 0)
			return r;
		to += n;
		pa += n;
		len -= n;
	}
	return 0;
}

ssize_t dump_read_some(const struct dump *d, uint64_t va, void *buf, size_t max)
{
	const struct dump_map *m = find(&d->by_va, va);
	/* Without a map, addresses are certain to follow each other only inside a page. */
	uint64_t pa,
		room = m ? m->size - (va - m->start) : PAGE_SIZE_DEFAULT - va % PAGE_SIZE_DEFAULT;
	size_t n = room < max ? (size_t)room : max;
	int r = m ? read_part(d, m, va, buf, n) : dump_translate(d, va, &pa);

	if (!m && r >= 0)
		r = dump_read_pa(d, pa, buf, n);
	return r < 0 ? r : (ssize_t)n;
}

int dump_read_va(const struct dump *d, uint64_t va, void *buf, size_t len)
{
	uint8_t *to = buf;

	while (len) {
		ssize_t n = dump_read_some(d, va, to, len);

		if (n < 0)
			return (int)n;
		to += n;
		va += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

bool dump_find_va(const struct dump *d, uint64_t va, uint64_t *pa)
{
	const struct dump_map *m = find(&d->by_va, va);

	if (m)
		*pa = m->pa + (va - m->start);
	return m;
}
