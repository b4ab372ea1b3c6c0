/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/iomem.h"

#include "machine/memmap.h"

#define NO_DEPTH UINT32_MAX

struct iomem iomem_open(struct span text)
{
	return (struct iomem){.rest = text, .total = text.len};
}

static bool take(struct span *s, const char *what)
{
	if (!text_starts(*s, what))
		return false;
	*s = span_from(*s, __builtin_strlen(what));
	return true;
}

/* "START-END" at the beginning of @line, which is then behind it. */
static bool take_range(struct span *line, struct range *out)
{
	uint64_t first, last;

	if (!text_take_u64(line, 16, &first) || !take(line, "-") ||
	    !text_take_u64(line, 16, &last) || last < first)
		return false;
	*out = (struct range){first, last == UINT64_MAX ? last : last + 1};
	return true;
}

static bool parse_line(struct span line, struct iomem_entry *out)
{
	out->depth = 0;
	while (take(&line, "  "))
		out->depth++;
	if (!take_range(&line, &out->at) || !take(&line, " : "))
		return false;
	out->name = line;
	return true;
}

int iomem_next(struct iomem *it, struct iomem_entry *out, struct err *err)
{
	size_t at = it->total - it->rest.len;
	struct span line;

	if (!text_line(&it->rest, &line))
		return 0;
	it->line++;
	if (!parse_line(line, out))
		return fail_at(err, EBADMSG, at, "line %u at 0x%zx is not START-END : NAME",
			       it->line, at);
	return 1;
}

/*
 * The children of System RAM that stay usable: the running kernel is dead when the next one runs.
 */
static bool is_kernel(struct span name)
{
	return text_is(name, "Kernel code") || text_is(name, "Kernel rodata") ||
	       text_is(name, "Kernel data") || text_is(name, "Kernel bss") ||
	       text_is(name, "Kernel image");
}

static bool is_driver_ram(struct span name)
{
	return text_starts(name, "System RAM (") && !text_is(name, "System RAM (boot alias)");
}

/* Where a walk over the tree stands. Lines come parents first. */
struct walk {
	struct iomem it;
	struct iomem_entry e;
	unsigned ram_depth; /* of the System RAM around @e, or NO_DEPTH */
	bool is_ram;        /* @e itself is a System RAM range */
};

static int walk_next(struct walk *w, struct err *err)
{
	int r = iomem_next(&w->it, &w->e, err);

	if (r <= 0)
		return r;
	if (w->ram_depth != NO_DEPTH && w->e.depth <= w->ram_depth)
		w->ram_depth = NO_DEPTH;
	w->is_ram = w->ram_depth == NO_DEPTH && text_is(w->e.name, "System RAM");
	if (w->is_ram)
		w->ram_depth = w->e.depth;
	return 1;
}

static struct walk walk_start(struct span text)
{
	return (struct walk){.it = iomem_open(text), .ram_depth = NO_DEPTH};
}

/* Inside System RAM and taken by someone else than the running kernel. */
static bool is_taken(const struct walk *w)
{
	return !w->is_ram && w->ram_depth != NO_DEPTH && !is_kernel(w->e.name) &&
	       !text_is(w->e.name, "Crash kernel") && !text_is(w->e.name, "System RAM");
}

static int sort_entry(const struct walk *w, struct machine *m, struct range_list *taken)
{
	struct range at = w->e.at;
	int r = 0;

	if (w->is_ram || is_driver_ram(w->e.name))
		r = ranges_add(&m->system_ram, at);
	if (!r && w->is_ram)
		r = ranges_add(&m->ram, at);
	if (!r && text_is(w->e.name, "Crash kernel"))
		r = ranges_add(&m->crash, at);
	if (!r && text_is(w->e.name, "System RAM (boot alias)"))
		r = ranges_add(&m->alias.ram, at);
	if (!r && text_is(w->e.name, "Crash kernel (boot alias)"))
		r = ranges_add(&m->alias.crash, at);
	if (!r && is_taken(w))
		r = ranges_add(taken, at);
	if (!r && is_kernel(w->e.name)) {
		if (range_empty(m->kernel))
			m->kernel = at;
		if (at.start < m->kernel.start)
			m->kernel.start = at.start;
		if (at.end > m->kernel.end)
			m->kernel.end = at.end;
	}
	return r;
}

/*
 * The window shows RAM from its beginning: the first range of a size that is the same on both
 * sides, or the first of all (the window may be smaller).
 */
static void find_alias_offset(struct machine *m)
{
	struct ram_alias *a = &m->alias;

	ranges_normalise(&a->ram);
	ranges_normalise(&a->crash);
	if (!a->ram.n || !m->system_ram.n) {
		ranges_done(&a->ram);
		ranges_done(&a->crash);
		return;
	}
	a->offset = m->system_ram.v[0].start - a->ram.v[0].start;
	for (size_t i = 0; i < m->system_ram.n; i++) {
		if (range_size(m->system_ram.v[i]) != range_size(a->ram.v[0]))
			continue;
		a->offset = m->system_ram.v[i].start - a->ram.v[0].start;
		return;
	}
}

static int take_away(struct machine *m, struct range_list *taken)
{
	struct range_list left = {0};

	ranges_normalise(&m->ram);
	ranges_normalise(&m->system_ram);
	ranges_normalise(&m->crash);
	ranges_normalise(taken);
	find_alias_offset(m);
	if (!taken->n)
		return 0;
	int r = ranges_subtract(&left, &m->ram, taken);
	if (r < 0)
		return r;
	ranges_done(&m->ram);
	m->ram = left;
	return 0;
}

static int map_entry(const struct walk *w, struct mem_map *map)
{
	enum mem_kind kind;

	if (!map)
		return 0;
	if (is_taken(w))
		kind = MEM_RESERVED;
	else if (w->is_ram)
		kind = MEM_RAM;
	else if (!memmap_kind(w->e.name, &kind))
		return 0;
	return vec_push(map, ((struct mem_range){w->e.at, kind}));
}

int iomem_facts(struct span text, struct machine *m, struct mem_map *map, struct err *err)
{
	struct walk w = walk_start(text);
	struct range_list taken = {0};
	size_t n = 0, hidden = 0;
	int r;

	while ((r = walk_next(&w, err)) > 0) {
		n++;
		/* Without CAP_SYS_ADMIN the kernel shows 0-0 for all of them. */
		if (w.e.at.start == 0 && w.e.at.end == 1) {
			hidden++;
			continue;
		}
		r = sort_entry(&w, m, &taken);
		if (!r)
			r = map_entry(&w, map);
		if (r < 0)
			break;
	}
	if (r == 0)
		r = take_away(m, &taken);
	ranges_done(&taken);
	if (r == -ENOMEM)
		return fail(err, ENOMEM, "no memory for %zu ranges", n);
	if (r < 0)
		return r;
	if (!n)
		return fail(err, EBADMSG, "is empty");
	m->addresses_hidden = hidden == n;
	return map ? memmap_settle(map, err) : 0;
}

int iomem_cma_ranges(struct span text, struct range_list *out, struct err *err)
{
	struct span line;
	struct range at;

	for (unsigned n = 1; text_line(&text, &line); n++) {
		if (!take_range(&line, &at) || line.len) {
			ranges_done(out);
			return fail(err, EBADMSG, "line %u is not START-END", n);
		}
		if (ranges_add(out, at) < 0) {
			ranges_done(out);
			return fail(err, ENOMEM, "no memory for %u ranges", n);
		}
	}
	ranges_normalise(out);
	return 0;
}
