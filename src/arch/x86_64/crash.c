/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a crash load adds on x86: the crash header and the copy of the lowest 640 KiB. */
#include "arch/x86_64/x86.h"
#include "base/align.h"

/* Where x86_64 maps its kernel image: Documentation/arch/x86/x86_64/mm.rst */
#define START_KERNEL_MAP 0xffffffff80000000ull
#define LOW_END          0xa0000ull

/*
 * The capture kernel starts its CPUs through RAM below 640 KiB, so the old kernel's content is
 * saved first. Linux since 5.5 (commit 6f599d84231f) reserves this memory itself when crashkernel=
 * is given, but its content is still part of the old machine.
 */
struct range x86_backup_range(const struct machine *m)
{
	struct range out = {0};

	for (size_t i = 0; i < m->system_ram.n && m->system_ram.v[i].start < LOW_END; i++) {
		struct range r = range_meet(m->system_ram.v[i], (struct range){0, LOW_END});

		if (range_empty(out))
			out.start = align_down(r.start, m->page_size);
		out.end = align_up(r.end, m->page_size);
	}
	return out;
}

/* va of the first byte of the kernel image; 0 = unknown. */
static uint64_t text_va(const struct machine *m)
{
	uint64_t phys_base;

	if (range_empty(m->kernel))
		return 0;
	if (machine_vmcoreinfo_u64(m, "NUMBER(phys_base)", &phys_base))
		return m->kernel.start - phys_base + START_KERNEL_MAP;
	return m->stext_va;
}

/*
 * What the dump holds: the old kernel's RAM less what the capture kernel runs in (Linux 6.17
 * arch/x86/kernel/crash.c, elf_header_exclude_ranges), and less pages known to be bad: to read one
 * is a machine check, which would end the capture kernel too.
 */
static int dumped(const struct machine *m, struct range_list *out)
{
	const struct range_list *const lists[] = {&m->crash, &m->crash_cma, &m->poison};
	struct range_list holes = {0};
	int r = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		for (size_t k = 0; !r && k < lists[i]->n; k++)
			r = ranges_add(&holes, lists[i]->v[k]);
	ranges_normalise(&holes);
	if (!r)
		r = elfcorehdr_memory(&m->system_ram, &holes, out);
	ranges_done(&holes);
	return r;
}

static int build(const struct boot *b, uint64_t backup_at, struct buf *out, struct err *err)
{
	const struct machine *m = b->m;
	struct crash_input in = {
		.notes = m->notes.v,
		.nnotes = m->notes.n,
		.vmcoreinfo = m->vmcoreinfo,
		.backup = x86_backup_range(m),
		.backup_at = backup_at,
	};
	int r = dumped(m, &in.ram);

	if (r < 0)
		return fail(err, ENOMEM, "no memory for the crash header");
	in.has_linear = machine_linear_offset(m, &in.linear_offset);
	in.text_va = text_va(m);
	if (in.text_va)
		in.text = m->kernel;
	r = elfcorehdr_build(&b->req->arch->crash, &in, out, err);
	ranges_done(&in.ram);
	return r < 0 ? wrap(err, r, "crash header") : 0;
}

int x86_elfcorehdr_size(const struct boot *b, uint64_t *size, struct err *err)
{
	struct buf header = BUF_INIT;
	int r = build(b, 0, &header, err);

	*size = header.len;
	buf_done(&header);
	return r;
}

int x86_elfcorehdr_build(const struct boot *b, struct buf *out, struct err *err)
{
	const struct boot_piece *backup = boot_find(b, SEG_BACKUP);

	return build(b, backup ? backup->place.at : 0, out, err);
}
