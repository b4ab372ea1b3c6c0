/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/crash.h"

#include "arch/arch.h"
#include "base/align.h"
#include "machine/va.h"

#define FOUR_GIB (1ull << 32)

struct range boot_backup_range(const struct boot *b)
{
	const struct range_list *ram = &b->m->system_ram;
	uint64_t end = b->req->arch->crash.backup_end, page = b->m->page_size;
	struct range out = {0};

	for (size_t i = 0; i < ram->n && ram->v[i].start < end; i++) {
		struct range r = range_meet(ram->v[i], (struct range){0, end});

		if (range_empty(out))
			out.start = align_down(r.start, page);
		out.end = align_up(r.end, page);
	}
	return out;
}

/* @r in whole pages. */
static struct range pages(struct range r, uint64_t page)
{
	return (struct range){align_down(r.start, page), align_up(r.end, page)};
}

static int add_all(struct range_list *out, const struct range_list *l)
{
	int r = 0;

	for (size_t i = 0; !r && i < l->n; i++)
		r = ranges_add(out, l->v[i]);
	return r;
}

/*
 * What the dump holds: the old kernel's RAM less what the capture kernel runs in (Linux 6.17
 * arch/x86/kernel/crash.c, elf_header_exclude_ranges), and less pages known to be bad: to read one
 * is a machine check, which would end the capture kernel too. Firmware's memory inside the crash
 * region stays as it is and is part of the old machine.
 */
static int dumped(const struct machine *m, struct range_list *out)
{
	struct range_list holes = {0};
	int r = add_all(&holes, &m->crash);

	ranges_normalise(&holes);
	if (!r)
		r = ranges_exclude(&holes, pages(m->ppc64.rtas, m->page_size));
	if (!r)
		r = ranges_exclude(&holes, pages(m->ppc64.opal, m->page_size));
	if (!r)
		r = add_all(&holes, &m->crash_cma);
	if (!r)
		r = add_all(&holes, &m->poison);
	ranges_normalise(&holes);
	if (!r)
		r = ranges_subtract(out, &m->system_ram, &holes);
	ranges_done(&holes);
	return r;
}

/*
 * ELF32 ends at 4 GiB. Where the capture kernel reads ELF64 too, that is taken; else what lies
 * above is left out, and its size goes to @lost. A machine with nothing below (RAM behind a boot
 * alias) has only ELF64 to say so.
 */
static int fit_class(struct crash_traits *t, struct range_list *ram, uint64_t *lost)
{
	struct range_list high = {0};
	const struct range_list above = {&(struct range){FOUR_GIB, UINT64_MAX}, 1, 1};

	*lost = 0;
	if (!t->elf32 || !ram->n || ram->v[ram->n - 1].end <= FOUR_GIB)
		return 0;
	if (t->elf64_if_needed || ram->v[0].start >= FOUR_GIB) {
		t->elf32 = false;
		*lost = t->elf64_if_needed ? 0 : ranges_total(ram);
		return 0;
	}
	int r = ranges_meet(&high, ram, &above);

	*lost = ranges_total(&high);
	ranges_done(&high);
	return r ? r : ranges_exclude(ram, above.v[0]);
}

static void set_addresses(const struct machine *m, struct crash_input *in)
{
	in->has_linear = machine_linear_offset(m, &in->linear_offset);
	in->linear_end = m->lowmem_end;
	if (!machine_text_va(m, &in->text_va))
		return;
	/* No mapping of its own where it is a part of the linear map. */
	if (!in->has_linear || in->text_va - m->kernel.start != in->linear_offset)
		in->text = m->kernel;
}

static int build(const struct boot *b, uint64_t backup_at, struct buf *out, uint64_t *lost,
		 struct err *err)
{
	const struct machine *m = b->m;
	struct crash_traits traits = b->req->arch->crash;
	struct crash_input in = {
		.notes = m->notes.v,
		.nnotes = m->notes.n,
		.vmcoreinfo = m->vmcoreinfo,
		.backup = boot_backup_range(b),
		.backup_at = backup_at,
	};
	int r = dumped(m, &in.ram);

	if (!r)
		r = fit_class(&traits, &in.ram, lost);
	if (r < 0) {
		ranges_done(&in.ram);
		return fail(err, ENOMEM, "no memory for the crash header");
	}
	set_addresses(m, &in);
	r = elfcorehdr_build(&traits, &in, out, err);
	ranges_done(&in.ram);
	return r < 0 ? wrap(err, r, "crash header") : 0;
}

static int warn_lost(const struct boot *b, uint64_t lost, bool all_high)
{
	if (!lost)
		return 0;
	if (all_high)
		return plan_warn(b->plan,
				 "the crash header is a 64-bit one, because all memory lies above "
				 "4 GiB: a capture kernel that takes only 32-bit ones (Linux has "
				 "always been such on %s) will have no /proc/vmcore",
				 b->req->arch->name);
	return plan_warn(b->plan,
			 "THE DUMP WILL NOT BE COMPLETE: %llu MiB of memory above 4 GiB are left "
			 "out, because the capture kernel takes only a 32-bit crash header",
			 (unsigned long long)(lost >> 20));
}

bool boot_crash_hotplug(const struct boot *b)
{
	return b->crash && b->req->arch->hotplug_flag && b->m->crash_hotplug_size;
}

int boot_elfcorehdr_size(struct boot *b, uint64_t *size, struct err *err)
{
	const struct range_list *ram = &b->m->system_ram;
	struct buf header = BUF_INIT;
	uint64_t lost = 0;
	int r = build(b, 0, &header, &lost, err);

	*size = header.len;
	if (boot_crash_hotplug(b) && *size < b->m->crash_hotplug_size)
		*size = b->m->crash_hotplug_size;
	buf_done(&header);
	if (!r && warn_lost(b, lost, ram->n && ram->v[0].start >= FOUR_GIB) < 0)
		return fail(err, ENOMEM, "no memory for a warning");
	return r;
}

int boot_elfcorehdr_build(const struct boot *b, struct buf *out, struct err *err)
{
	const struct boot_piece *backup = boot_find(b, SEG_BACKUP);
	uint64_t lost;

	return build(b, backup ? backup->place.at : 0, out, &lost, err);
}
