/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/vmlinux.h"

#include <inttypes.h>
#include <string.h>

#include "base/align.h"
#include "base/ckd.h"
#include "base/cursor.h"
#include "base/range.h"
#include "elf/reader.h"
#include "image/inside.h"

/* "run0", the word's value in a kernel as it was built: head_64.S, RUN_AT_LOAD_DEFAULT. */
#define RUN_AT_ZERO 0x72756e30u

static const struct cpu {
	uint16_t machine;
	bool elf32, big;
	const char *arch;
} cpus[] = {
	{EM_X86_64, false, false, "x86_64"}, {EM_386, true, false, "i386"},
	{EM_ARM, true, false, "arm"},        {EM_ARM, true, true, "arm"},
	{EM_AARCH64, false, false, "arm64"}, {EM_AARCH64, false, true, "arm64"},
	{EM_PPC64, false, false, "ppc64le"}, {EM_PPC64, false, true, "ppc64"},
	{EM_RISCV, false, false, "riscv64"}, {EM_S390, false, true, "s390x"},
};

static const struct cpu *cpu_of(const struct elf *e)
{
	for (size_t i = 0; i < sizeof(cpus) / sizeof(*cpus); i++)
		if (cpus[i].machine == e->machine && cpus[i].elf32 == e->elf32 &&
		    cpus[i].big == e->big)
			return &cpus[i];
	return NULL;
}

static struct range memory_of(const struct elf_phdr *p)
{
	return (struct range){p->paddr, p->paddr + p->memsz};
}

/* A segment by itself; afterwards its sums do not wrap and its bytes are inside the file. */
static int check_load(const struct elf_phdr *p, uint32_t i, struct span file, struct err *err)
{
	uint64_t end;

	if (p->filesz > p->memsz)
		return fail_at(err, EBADMSG, p->offset,
			       "segment %u has 0x%" PRIx64 " bytes in the file and 0x%" PRIx64
			       " in memory",
			       i, p->filesz, p->memsz);
	if (p->filesz && (p->offset > file.len || p->filesz > file.len - p->offset))
		return fail_at(err, EBADMSG, p->offset < file.len ? p->offset : file.len,
			       "segment %u (0x%" PRIx64 " bytes at 0x%" PRIx64
			       ") runs off the file of 0x%zx bytes",
			       i, p->filesz, p->offset, file.len);
	if (ckd_add(&end, p->paddr, p->memsz) || ckd_add(&end, p->vaddr, p->memsz))
		return fail_at(err, EBADMSG, 0, "segment %u passes the end of memory", i);
	if (p->align && !align_ok(p->align))
		return fail_at(err, EBADMSG, 0, "segment %u: alignment 0x%" PRIx64, i, p->align);
	return 0;
}

static int check_overlap(const struct elf *e, struct span file, uint32_t i, struct err *err)
{
	struct elf_phdr a = elf_phdr_at(e, file, i);

	for (uint32_t k = 0; k < i; k++) {
		struct elf_phdr b = elf_phdr_at(e, file, k);

		if (b.type == PT_LOAD && range_overlaps(memory_of(&a), memory_of(&b)))
			return fail_at(err, EBADMSG, 0, "segments %u and %u both claim 0x%" PRIx64,
				       k, i, range_meet(memory_of(&a), memory_of(&b)).start);
	}
	return 0;
}

static void take_load(struct vmlinux *v, const struct elf_phdr *p, uint64_t *align)
{
	if (!v->loads || p->paddr < v->phys) {
		v->phys = p->paddr;
		v->virt = p->vaddr;
	}
	v->loads++;
	if (p->paddr + p->memsz > v->end)
		v->end = p->paddr + p->memsz;
	if (p->filesz && p->paddr + p->filesz > v->file_end)
		v->file_end = p->paddr + p->filesz;
	if (p->align > *align)
		*align = p->align;
}

static int read_loads(struct image *m, const struct elf *e, struct err *err)
{
	struct vmlinux *v = &m->vm;

	if (e->phnum > VMLINUX_PHDRS_MAX)
		return fail_at(err, EBADMSG, e->phoff, "has %u program headers", e->phnum);
	for (uint32_t i = 0; i < e->phnum; i++) {
		struct elf_phdr p = elf_phdr_at(e, m->file, i);
		int r;

		/* One with bytes and no memory is for check_load() to refuse. */
		if (p.type != PT_LOAD || (!p.memsz && !p.filesz))
			continue;
		r = check_load(&p, i, m->file, err);
		if (!r)
			r = check_overlap(e, m->file, i, err);
		if (r)
			return r;
		take_load(v, &p, &m->align);
	}
	if (!v->loads || v->file_end <= v->phys)
		return fail_at(err, EBADMSG, e->phoff, "has no segment to load");
	if (v->end - v->phys > VMLINUX_SPAN_MAX)
		return fail_at(err, EBADMSG, e->phoff, "spans 0x%" PRIx64 " bytes of memory",
			       v->end - v->phys);
	if (v->file_end - v->phys > VMLINUX_GAPS_MAX(m->file.len))
		return fail_at(err, EBADMSG, e->phoff,
			       "spreads 0x%zx bytes over 0x%" PRIx64
			       " of memory: no kernel has such gaps",
			       m->file.len, v->file_end - v->phys);
	return 0;
}

/*
 * e_entry is virtual on most CPUs and physical on x86 (arch/x86/kernel/vmlinux.lds.S, ENTRY), so
 * both are looked for. 0: in no segment.
 */
static bool find_entry(struct image *m, const struct elf *e)
{
	bool found = false;

	for (uint32_t i = 0; i < e->phnum; i++) {
		struct elf_phdr p = elf_phdr_at(e, m->file, i);
		uint64_t at;

		if (p.type != PT_LOAD)
			continue;
		if (e->entry - p.paddr < p.filesz)
			at = e->entry;
		else if (!found && e->entry - p.vaddr < p.filesz)
			at = e->entry - p.vaddr + p.paddr;
		else
			continue;
		m->vm.entry = at;
		found = true;
	}
	return found;
}

static bool has_segment(const struct elf *e, struct span file, uint32_t type)
{
	for (uint32_t i = 0; i < e->phnum && i < VMLINUX_PHDRS_MAX; i++)
		if (elf_phdr_at(e, file, i).type == type)
			return true;
	return false;
}

/*
 * A program of user space, a core, an object file: anybody's but ours. What remains may still be
 * another system's kernel; only the banner tells.
 */
static bool may_be_kernel(const struct elf *e, struct span file)
{
	return (e->type == ET_EXEC || e->type == ET_DYN) && cpu_of(e) &&
	       !has_segment(e, file, PT_INTERP);
}

/* __run_at_load holds one of its two values. @p: the segment that the kernel starts with. */
static bool has_run_at_load(const struct image *m, const struct elf *e, const struct elf_phdr *p)
{
	struct cursor c = cursor_at(elf_segment(m->file, p), VMLINUX_PPC64_RUN_AT_LOAD, e->big);
	uint32_t word = cursor_u32(&c);

	return !c.bad && (word == RUN_AT_ZERO || word == 1);
}

/* How the kernel comes to run at another address than it was linked for. */
static enum image_how how_relocated(struct image *m, const struct elf *e)
{
	struct elf_shdr s;

	for (uint32_t i = 0; i < e->phnum && e->machine == EM_PPC64; i++) {
		struct elf_phdr p = elf_phdr_at(e, m->file, i);

		if (p.type == PT_LOAD && p.paddr == m->vm.phys && p.memsz)
			m->vm.run_at_load = has_run_at_load(m, e, &p);
	}
	if (e->machine == EM_PPC64)
		return m->vm.run_at_load ? HOW_SELF : HOW_FIXED;
	/* head_64.S finds out where it is; no relocation speaks of physical addresses. */
	if (e->machine == EM_X86_64 || elf_find_section(e, m->file, ".rela.dyn", &s))
		return HOW_SELF;
	if (elf_find_section(e, m->file, ".rela.text", &s) ||
	    elf_find_section(e, m->file, ".rel.text", &s))
		return HOW_KEPT_RELOCATIONS;
	return HOW_FIXED;
}

int vmlinux_parse(struct span file, struct image *out, struct err *err)
{
	struct image m = {.format = IMAGE_VMLINUX, .file = file, .align = 1};
	struct elf e;
	int r = elf_parse(file, &e, err);

	if (r)
		return r;
	if (!may_be_kernel(&e, file))
		return -ENOEXEC;
	m.arch = cpu_of(&e)->arch;
	m.bits = e.elf32 ? 32 : 64;
	m.big = e.big;
	r = read_loads(&m, &e, err);
	if (r)
		return r;
	if (!find_entry(&m, &e))
		return fail_at(err, EBADMSG, 0x18, "entry 0x%" PRIx64 " is in no segment", e.entry);
	m.preferred = m.vm.phys;
	m.compression = COMP_NONE;
	*(e.elf32 ? &m.entry32 : &m.entry64) = m.vm.entry;
	m.how = how_relocated(&m, &e);
	m.relocatable = m.how == HOW_SELF;
	r = image_look_inside(&m, file, err);
	if (r)
		return r;
	if (!m.version[0])
		return -ENOEXEC;
	*out = m;
	return 0;
}

int vmlinux_memory(const struct image *im, struct buf *out)
{
	struct elf e;
	size_t at = out->len;

	if (elf_parse(im->file, &e, NULL) ||
	    buf_zero(out, (size_t)(im->vm.file_end - im->vm.phys)) < 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < e.phnum; i++) {
		struct elf_phdr p = elf_phdr_at(&e, im->file, i);
		struct span s = elf_segment(im->file, &p);

		if (p.type == PT_LOAD && p.filesz && s.len)
			memcpy(out->ptr + at + (p.paddr - im->vm.phys), s.ptr, s.len);
	}
	return 0;
}
