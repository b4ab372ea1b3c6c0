/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages that had a memory error (hwpoison). Nothing lists them but /proc/kpageflags, one 64-bit
 * word per page frame, so that file is read only when HardwareCorrupted of /proc/meminfo counts
 * some, only where there is RAM, and only until as many were found. Source:
 * Documentation/admin-guide/mm/pagemap.rst; fs/proc/page.c.
 */
#include <endian.h>
#include <string.h>
#include <unistd.h>

#include "core/cleanup.h"
#include "host/facts_parts.h"
#include "machine/text.h"

#define PATH      "proc/kpageflags"
#define TAIL      (1ull << 16) /* KPF_COMPOUND_TAIL */
#define HUGE      (1ull << 17) /* KPF_HUGE */
#define HWPOISON  (1ull << 19) /* KPF_HWPOISON */
#define BATCH     8192u
#define PAGES_MAX (1ull << 28) /* 1 TiB of 4 KiB pages, a few seconds */

struct scan {
	const struct facts_root *root;
	int fd;
	uint64_t page_size;
	uint64_t wanted, budget; /* pages left to find, and to look at */
	bool in_huge; /* the tails that follow belong to a bad huge page, whose head has the flag */
	struct range_list found;
	uint64_t words[BATCH];
};

/* The sink gets the flag alone, at the same place: the rest of the file stays a hole. */
static int look_at_page(struct scan *s, uint64_t pfn, uint64_t flags, struct err *err)
{
	uint64_t kept = htole64(flags & (HWPOISON | HUGE | TAIL));
	struct range at = {pfn * s->page_size, (pfn + 1) * s->page_size};
	bool bad = flags & HWPOISON, tail = s->in_huge && (flags & TAIL);

	s->in_huge = (bad && (flags & HUGE)) || tail;
	if (!bad && !tail)
		return 0;
	if (bad)
		s->wanted--;
	if (ranges_add(&s->found, at) < 0)
		return fail(err, ENOMEM, "no memory for bad pages");
	return root_put(s->root, PATH, pfn * 8, span_of(&kept, sizeof(kept)), err);
}

static bool is_done(const struct scan *s)
{
	return (!s->wanted && !s->in_huge) || !s->budget;
}

static int scan_range(struct scan *s, struct range pfns, struct err *err)
{
	while (!range_empty(pfns) && !is_done(s)) {
		size_t n = range_size(pfns) < BATCH ? (size_t)range_size(pfns) : BATCH;
		ssize_t got = pread(s->fd, s->words, n * 8, (off_t)(pfns.start * 8));

		/* A hole of the file, or its end: nothing is known of these pages. */
		if (got < 8)
			return 0;
		n = (size_t)got / 8;
		for (size_t i = 0; i < n && !is_done(s); i++, s->budget--) {
			/* Words of this machine, or of a snapshot, whose are little-endian. */
			uint64_t w = s->root->live ? s->words[i] : le64toh(s->words[i]);
			int r = look_at_page(s, pfns.start + i, w, err);

			if (r < 0)
				return r;
		}
		pfns.start += n;
	}
	return 0;
}

static int scan_ram(struct scan *s, const struct machine *m, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < m->system_ram.n && !r && !is_done(s); i++) {
		struct range at = m->system_ram.v[i];
		struct range pfns = {at.start / s->page_size, (at.end - 1) / s->page_size + 1};

		r = scan_range(s, pfns, err);
	}
	return r;
}

static int take_from_ram(struct machine *m, struct range_list *bad, struct err *err)
{
	ranges_normalise(bad);
	m->poison = *bad;
	for (size_t i = 0; i < bad->n; i++)
		if (ranges_exclude(&m->ram, bad->v[i]) < 0)
			return fail(err, ENOMEM, "no memory for bad pages");
	return 0;
}

int facts_poison(const struct facts_root *root, struct span meminfo, struct machine *m,
		 struct err *err)
{
	struct span v = text_value(meminfo, "HardwareCorrupted", ':'), word;
	_cleanup_(freep) struct scan *s = NULL;
	_cleanup_(closep) int fd = -1;
	uint64_t kib;

	if (!text_word(&v, &word) || !text_u64(word, 10, &kib) || !kib)
		return 0;
	m->poison_unknown = true;
	int r = root_open_file(root, PATH, &fd, err);
	if (r <= 0)
		return r;
	s = malloc(sizeof(*s));
	if (!s)
		return fail(err, ENOMEM, "no memory for page flags");
	*s = (struct scan){.root = root,
			   .fd = fd,
			   .page_size = m->page_size,
			   .wanted = kib / (m->page_size / 1024),
			   .budget = PAGES_MAX};
	r = scan_ram(s, m, err);
	m->poison_unknown = s->wanted != 0;
	if (!r)
		return take_from_ram(m, &s->found, err);
	ranges_done(&s->found);
	return r;
}
