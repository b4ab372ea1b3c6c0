/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel checks before it takes a load, checked before the kernel is asked: Linux 6.1
 * kernel/kexec_core.c sanity_check_segment_list, and vmcore's reading of e_phnum
 * (fs/proc/vmcore.c).
 */
#include <inttypes.h>

#include "base/align.h"
#include "base/ckd.h"
#include "base/cursor.h"
#include "plan/plan.h"

/*
 * PN_XNUM of the ELF specification: "the count is elsewhere". No kernel looks there in a crash
 * header.
 */
enum {
	PHNUM_ELSEWHERE = 0xffff,
	PHNUM_OFF_64 = 56,
	PHNUM_OFF_32 = 44,
	ELF_CLASS_32 = 1,
	ELF_BIG = 2
};

static const char *name(const struct plan_segment *s)
{
	return segment_kind_name(s->kind);
}

static struct range place_of(const struct plan_segment *s)
{
	return (struct range){s->mem, s->mem + s->memsz};
}

static bool inside_any(struct range r, const struct range_list *l)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->v[mid].end < r.end)
			low = mid + 1;
		else
			high = mid;
	}
	return low < l->n && range_inside(r, l->v[low]);
}

static int check_shape(const struct plan_segment *s, const struct plan_limits *lim, struct err *err)
{
	uint64_t end;

	if (!align_is(s->mem, lim->page_size) || !align_is(s->memsz, lim->page_size))
		return fail(err, EINVAL,
			    "%s at 0x%" PRIx64 " with 0x%" PRIx64
			    " bytes is not made of whole pages",
			    name(s), s->mem, s->memsz);
	if (!s->memsz)
		return fail(err, EINVAL, "%s at 0x%" PRIx64 " has no memory", name(s), s->mem);
	if (s->data.len > s->memsz || s->hashed > s->memsz)
		return fail(err, EINVAL,
			    "%s at 0x%" PRIx64 " holds more bytes than its 0x%" PRIx64 " of memory",
			    name(s), s->mem, s->memsz);
	if (ckd_add(&end, s->mem, s->memsz) || end - 1 > lim->dest_limit)
		return fail(err, EINVAL,
			    "%s at 0x%" PRIx64 " with 0x%" PRIx64 " bytes ends above 0x%" PRIx64
			    ", the last address of this CPU",
			    name(s), s->mem, s->memsz, lim->dest_limit);
	return 0;
}

static int check_overlap(const struct plan *p, size_t i, struct err *err)
{
	const struct plan_segment *s = &p->segments.v[i];

	for (size_t j = 0; j < i; j++) {
		const struct plan_segment *o = &p->segments.v[j];

		if (range_overlaps(place_of(s), place_of(o)))
			return fail(err, EINVAL, "%s at 0x%" PRIx64 " overlaps %s at 0x%" PRIx64,
				    name(s), s->mem, name(o), o->mem);
	}
	return 0;
}

/* The kernel counts in pages, and rounds its half down. */
static int check_half(const struct plan *p, const struct plan_limits *lim, struct err *err)
{
	uint64_t half = lim->mem_total / lim->page_size / 2, total = 0;

	if (!lim->mem_total)
		return 0;
	for (size_t i = 0; i < p->segments.n; i++) {
		const struct plan_segment *s = &p->segments.v[i];
		uint64_t pages = s->memsz / lim->page_size;

		if (pages > half)
			return fail(err, EINVAL,
				    "%s needs 0x%" PRIx64 " bytes, more than half of the memory "
				    "(0x%" PRIx64 ")",
				    name(s), s->memsz, lim->mem_total);
		if (ckd_add(&total, total, pages) || total > half)
			return fail(err, EINVAL,
				    "%zu segments up to %s need more than half of the memory "
				    "(0x%" PRIx64 ")",
				    i + 1, name(s), lim->mem_total);
	}
	return 0;
}

static int check_entry(const struct plan *p, uint64_t entry, const char *what, struct err *err)
{
	for (size_t i = 0; i < p->segments.n; i++)
		if (range_has(place_of(&p->segments.v[i]), entry))
			return 0;
	return fail(err, EINVAL, "%s 0x%" PRIx64 " lies in no segment", what, entry);
}

static int check_crash_header(const struct plan_segment *s, struct err *err)
{
	struct cursor c = cursor_le(s->data, 4);
	bool elf32 = cursor_u8(&c) == ELF_CLASS_32, big = cursor_u8(&c) == ELF_BIG;

	c = cursor_at(s->data, elf32 ? PHNUM_OFF_32 : PHNUM_OFF_64, big);
	if (cursor_u16(&c) == PHNUM_ELSEWHERE)
		return fail(err, EINVAL,
			    "%s has 65,535 program headers or more: the kernel takes "
			    "e_phnum literally",
			    name(s));
	return c.bad ? fail(err, EINVAL, "%s is too short for a crash header", name(s)) : 0;
}

/* kexec_file_load places by itself and takes a kernel and at most one initrd. */
static int validate_file(const struct plan *p, struct err *err)
{
	size_t kernels = 0, initrds = 0;

	for (size_t i = 0; i < p->segments.n; i++) {
		kernels += p->segments.v[i].kind == SEG_KERNEL;
		initrds += p->segments.v[i].kind == SEG_INITRD;
	}
	if (kernels != 1 || initrds > 1 || kernels + initrds != p->segments.n)
		return fail(err, EINVAL, "kexec_file_load takes one kernel and at most one initrd");
	return 0;
}

int plan_validate(const struct plan *p, const struct plan_limits *lim, const struct range_list *ram,
		  struct err *err)
{
	int r = 0;

	if (p->syscall == PLAN_FILE)
		return validate_file(p, err);
	if (!p->segments.n)
		return fail(err, EINVAL, "the plan has no segments");
	if (p->segments.n > lim->max_segments)
		return fail(err, EINVAL, "%zu segments: the kernel takes %u", p->segments.n,
			    lim->max_segments);
	for (size_t i = 0; i < p->segments.n && !r; i++) {
		const struct plan_segment *s = &p->segments.v[i];

		r = check_shape(s, lim, err);
		if (!r)
			r = check_overlap(p, i, err);
		if (!r && !inside_any(place_of(s), ram))
			r = fail(err, EINVAL,
				 "%s at 0x%" PRIx64 " with 0x%" PRIx64 " bytes is not in %s",
				 name(s), s->mem, s->memsz,
				 p->crash ? "the crash kernel region" : "usable memory");
		if (!r && s->kind == SEG_ELFCOREHDR)
			r = check_crash_header(s, err);
	}
	if (!r)
		r = check_half(p, lim, err);
	if (!r)
		r = check_entry(p, p->entry, "the entry", err);
	return r ? r : check_entry(p, p->kernel_entry, "the kernel's entry", err);
}
