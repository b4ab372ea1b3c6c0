/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/picture.h"

#include <stdio.h>

#include "plan/human.h"

/* Half of the blocks are kept as they are; the runs between them become one each. */
enum { KEEP = (PICTURE_BLOCKS - 1) / 2 };

/*
 * A walk over three sorted layers at once; the upper hides the lower: segments, crash regions, map.
 */
struct sweep {
	const struct plan *p;
	uint64_t x; /* all below is drawn */
	size_t segment, crash, map;
};

static struct range segment_range(const struct plan_segment *s)
{
	return (struct range){s->mem, s->mem + s->memsz};
}

static struct sweep sweep_start(const struct plan *p)
{
	struct sweep s = {.p = p, .x = UINT64_MAX};

	if (p->syscall == PLAN_LOAD && p->segments.n)
		s.x = p->segments.v[0].mem;
	if (p->crash_regions.n && p->crash_regions.v[0].start < s.x)
		s.x = p->crash_regions.v[0].start;
	if (p->memory.n && p->memory.v[0].at.start < s.x)
		s.x = p->memory.v[0].at.start;
	return s;
}

/* Forget what lies wholly below x. Under PLAN_FILE the segments have no place. */
static void skip_drawn(struct sweep *s)
{
	const struct plan *p = s->p;
	size_t segments = p->syscall == PLAN_LOAD ? p->segments.n : 0;

	while (s->segment < segments && segment_range(&p->segments.v[s->segment]).end <= s->x)
		s->segment++;
	if (s->segment >= segments)
		s->segment = SIZE_MAX;
	while (s->crash < p->crash_regions.n && p->crash_regions.v[s->crash].end <= s->x)
		s->crash++;
	while (s->map < p->memory.n && p->memory.v[s->map].at.end <= s->x)
		s->map++;
}

/* Lay one layer's next range over @b: true when it covers the place where @b starts. */
static bool lay(struct picture_block *b, struct range r)
{
	bool covers = r.start <= b->at.start;
	uint64_t edge = covers ? r.end : r.start;

	if (edge < b->at.end)
		b->at.end = edge;
	return covers;
}

static bool sweep_next(struct sweep *s, struct picture_block *b)
{
	const struct plan *p = s->p;

	skip_drawn(s);
	*b = (struct picture_block){.at = {s->x, UINT64_MAX}, .kind = PICTURE_GAP};
	/* The uppermost layer that covers x decides; those above it only end the block. */
	if (s->segment != SIZE_MAX && lay(b, segment_range(&p->segments.v[s->segment]))) {
		b->kind = PICTURE_SEGMENT;
		b->segment = &p->segments.v[s->segment];
	} else if (s->crash < p->crash_regions.n && lay(b, p->crash_regions.v[s->crash])) {
		b->kind = PICTURE_CRASH;
	} else if (s->map < p->memory.n && lay(b, p->memory.v[s->map].at)) {
		b->mem = p->memory.v[s->map].kind;
		b->kind = b->mem == MEM_RAM ? PICTURE_RAM : PICTURE_RESERVED;
	}
	s->x = b->at.end;
	return b->at.end != UINT64_MAX;
}

/* What is kept when there are too many: segments, then the crash region, then by size. */
static uint64_t rank(const struct picture_block *b)
{
	uint64_t size = range_size(b->at) >> 2;

	switch (b->kind) {
	case PICTURE_SEGMENT:
		return UINT64_MAX;
	case PICTURE_CRASH:
		return size | (uint64_t)1 << 63;
	case PICTURE_GAP:
		return 0;
	default:
		return size;
	}
}

struct cut {
	uint64_t rank; /* of the largest block that is too many: what ranks above it stays */
	size_t blocks; /* of the whole sweep */
};

static struct cut find_cut(const struct plan *p)
{
	uint64_t best[KEEP + 1] = {0}; /* descending */
	struct sweep s = sweep_start(p);
	struct picture_block b;
	struct cut cut = {0};

	for (; sweep_next(&s, &b); cut.blocks++) {
		uint64_t r = rank(&b);
		size_t i = KEEP;

		if (r <= best[i])
			continue;
		for (; i > 0 && best[i - 1] < r; i--)
			best[i] = best[i - 1];
		best[i] = r;
	}
	cut.rank = best[KEEP];
	return cut;
}

static void merge(struct picture_block *run, const struct picture_block *b)
{
	uint64_t ram = b->kind == PICTURE_RAM ? range_size(b->at) : 0;

	if (!run->merged)
		*run = *b;
	else
		run->kind = PICTURE_MIXED;
	run->at.end = b->at.end;
	run->merged++;
	run->ranges += b->kind != PICTURE_GAP;
	run->ram += ram;
}

static int flush(struct picture *out, struct picture_block *run)
{
	int r = run->merged ? vec_push(out, *run) : 0;

	*run = (struct picture_block){0};
	return r;
}

int picture_make(const struct plan *p, struct picture *out)
{
	struct cut cut = find_cut(p);
	bool all = cut.blocks <= PICTURE_BLOCKS;
	struct sweep s = sweep_start(p);
	struct picture_block b, run = {0};
	int r = 0;

	while (!r && sweep_next(&s, &b)) {
		if (!all && rank(&b) <= cut.rank) {
			merge(&run, &b);
			continue;
		}
		r = flush(out, &run);
		if (!r)
			r = vec_push(out, b);
	}
	return r ? r : flush(out, &run);
}

static const char *firmware_name(enum mem_kind k)
{
	static const char *const names[] = {
		[MEM_RAM] = "RAM",
		[MEM_RESERVED] = "reserved",
		[MEM_ACPI] = "ACPI tables",
		[MEM_NVS] = "ACPI non-volatile storage",
		[MEM_UNUSABLE] = "unusable",
		[MEM_PMEM] = "persistent memory",
		[MEM_PRAM] = "persistent memory (type 12)",
		[MEM_SOFT_RESERVED] = "soft reserved",
	};

	return (unsigned)k < sizeof(names) / sizeof(names[0]) ? names[k] : "reserved";
}

const char *picture_label(const struct picture_block *b, char out[PICTURE_LABEL])
{
	char size[HUMAN_LEN];

	switch (b->kind) {
	case PICTURE_GAP:
		return "not memory";
	case PICTURE_CRASH:
		return "crash kernel region";
	case PICTURE_SEGMENT:
		return segment_kind_name(b->segment->kind);
	case PICTURE_MIXED:
		snprintf(out, PICTURE_LABEL,
			 b->ram ? "%zu ranges with %s of RAM" : "%zu ranges, no RAM", b->ranges,
			 human_size(size, b->ram));
		return out;
	default:
		return firmware_name(b->mem);
	}
}
