/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/relocate.h"

#include <inttypes.h>

#include "base/align.h"
#include "base/ckd.h"
#include "elf/relocate_parts.h"

const char *relocate_source_name(enum relocate_source s)
{
	static const char *const names[] = {
		[RELOCATE_NONE] = "none needed",
		[RELOCATE_KEPT] = "kept relocations",
		[RELOCATE_APPENDED] = "the list behind the kernel",
		[RELOCATE_DYNAMIC] = ".rela.dyn",
		[RELOCATE_OFFSETS] = ".vmlinux.relocs",
	};

	return names[s];
}

static bool virtual_follows(const struct mover *m)
{
	return m->rules->one_delta || (m->rules->follows && m->lowest->vaddr == m->lowest->paddr);
}

static int find_deltas(struct mover *m, const struct relocate_request *req, struct err *err)
{
	m->dp = req->to - m->lowest->paddr;
	if (req->has_virtual)
		m->dv = req->virtual - m->lowest->vaddr;
	else
		m->dv = virtual_follows(m) ? m->dp : 0;
	if (m->elf.elf32) {
		m->dp &= UINT32_MAX;
		m->dv &= UINT32_MAX;
	}
	if (m->dv != m->dp && m->rules->one_delta)
		return fail(err, EINVAL,
			    "--virtual 0x%" PRIx64 " and --to 0x%" PRIx64
			    " disagree: this CPU's kernels map themselves at a constant distance, "
			    "so the virtual address must be 0x%" PRIx64,
			    req->virtual, req->to, m->lowest->vaddr + m->dp);
	return 0;
}

static int check_place(const char *option, uint64_t at, uint64_t size, struct range allowed,
		       struct err *err)
{
	uint64_t end;

	if (ckd_add(&end, at, size) || at < allowed.start || (allowed.end && end > allowed.end))
		return fail(err, EINVAL,
			    "%s 0x%" PRIx64 ": the kernel (0x%" PRIx64
			    " bytes) must lie between 0x%" PRIx64 " and 0x%" PRIx64,
			    option, at, size, allowed.start, allowed.end - 1);
	return 0;
}

static int check_align(const struct mover *m, const char *option, uint64_t delta, uint64_t from,
		       struct err *err)
{
	if (align_is(delta, m->rules->align))
		return 0;
	return fail(err, EINVAL,
		    "%s: the kernel lies at 0x%" PRIx64
		    " and moves only by multiples of 0x%" PRIx64,
		    option, from, m->rules->align);
}

static uint64_t phys_size(const struct mover *m)
{
	uint64_t end = 0;

	for (unsigned i = 0; i < m->nloads; i++)
		if (m->loads[i].paddr + m->loads[i].memsz > end)
			end = m->loads[i].paddr + m->loads[i].memsz;
	return end - m->lowest->paddr;
}

static int check_places(const struct mover *m, const struct relocate_request *req, struct err *err)
{
	const struct relocate_rules *rules = m->rules;
	struct range phys = {0, rules->phys_end}, virt = {rules->virt_start, rules->virt_end};
	uint64_t word = m->elf.elf32 ? UINT32_MAX : UINT64_MAX;
	const uint64_t gib4 = UINT64_C(1) << 32;

	if (m->elf.elf32 && !phys.end)
		phys.end = gib4;
	if (m->elf.elf32 && !virt.end)
		virt.end = gib4;
	int r = check_align(m, "--to", m->dp, m->lowest->paddr, err);

	if (!r && m->dp)
		r = check_place("--to", req->to, phys_size(m), phys, err);
	if (!r)
		r = check_align(m, "--virtual", m->dv, m->lowest->vaddr, err);
	/* From the lowest virtual address, which the first segment need not have. */
	if (!r && m->dv)
		r = check_place("--virtual", (m->virt.start + m->dv) & word, range_size(m->virt),
				virt, err);
	return r;
}

/* The first kind of relocations that the file has. @dyn stands first: where a kernel has both, they
 * tell the same fields. */
static int apply(struct mover *m, struct err *err)
{
	static const struct source {
		enum relocate_source name;
		int (*apply)(struct mover *m, struct err *err);
	} sources[] = {
		{RELOCATE_KEPT, mover_kept},
		{RELOCATE_OFFSETS, mover_offsets},
		{RELOCATE_APPENDED, mover_appended},
	};
	int r = mover_dynamic(m, err);

	if (r < 0)
		return wrap(err, r, ".rela.dyn");
	if (r) {
		m->res->source = RELOCATE_DYNAMIC;
		r = mover_kept(m, err);
		return r < 0 ? r : 1;
	}
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		r = sources[i].apply(m, err);
		if (r > 0)
			m->res->source = sources[i].name;
		if (r)
			return r;
	}
	return 0;
}

static int nothing_kept(const struct mover *m, struct err *err)
{
	const char *word = m->elf.elf32 ? ".rel" : ".rela";

	if (m->rules->physical_free)
		return fail(err, ENOTSUP,
			    "has no section %s.text (ld --emit-relocs) or %s.dyn%s: its virtual "
			    "address stays 0x%" PRIx64 ", only the physical one can change",
			    word, word,
			    m->rules->list ? ", and no list of relocations behind it" : "",
			    m->lowest->vaddr);
	return fail(
		err, ENOTSUP,
		"has no section %s.text (ld --emit-relocs) or %s.dyn%s: it can run at 0x%" PRIx64
		" only",
		word, word, m->rules->list ? ", and no list of relocations behind it" : "",
		m->lowest->paddr);
}

static int move(struct mover *m, const struct relocate_request *req, struct err *err)
{
	int r = find_deltas(m, req, err);

	if (!r)
		r = check_places(m, req, err);
	if (r < 0)
		return r;
	if (m->dv || (m->dp && !m->rules->physical_free)) {
		r = apply(m, err);
		if (!r)
			return nothing_kept(m, err);
		if (r < 0)
			return r;
	}
	if (m->res->source == RELOCATE_KEPT || m->res->source == RELOCATE_OFFSETS)
		mover_got(m);
	mover_headers(m);
	return 0;
}

int relocate_kernel(struct buf *file, const struct relocate_rules *rules,
		    const struct relocate_request *req, struct relocate_result *out,
		    struct err *err)
{
	struct relocate_result res = {.source = RELOCATE_NONE};
	struct mover m;
	int r = mover_open(&m, file, rules, err);

	if (!r) {
		m.res = &res;
		r = move(&m, req, err);
	}
	if (!r) {
		res.old_phys = m.lowest->paddr;
		res.old_virt = m.lowest->vaddr;
		res.phys = req->to;
		res.virt = m.lowest->vaddr + m.dv;
		if (m.elf.elf32)
			res.virt &= UINT32_MAX;
		*out = res;
	}
	mover_done(&m);
	return r;
}
