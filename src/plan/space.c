/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/space.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/align.h"
#include "base/ckd.h"
#include "plan/human.h"
#include "plan/pack.h"

_Static_assert(SPACE_PIECES == PACK_MAX, "the complete search takes every load");

enum { EXPLAIN_LINES = 20 };

struct space {
	const struct range_list *holes;
	struct place p[SPACE_PIECES]; /* working copies: the caller's are written on success only */
	bool placed[SPACE_PIECES];
	size_t n;
	struct buf *explain;
	unsigned lines; /* of explanation, for the piece at hand */
	size_t unsaid;  /* rejections behind those */
	bool no_memory; /* an explanation was lost */
};

static struct range place_range(const struct place *p)
{
	return (struct range){p->at, p->at + p->size};
}

/* The placed piece that [at, at + size) would run into, or NULL. */
static const struct place *taken_by(const struct space *s, uint64_t at, uint64_t size)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->placed[i] &&
		    range_overlaps(place_range(&s->p[i]), (struct range){at, at + size}))
			return &s->p[i];
	return NULL;
}

/* How many holes end at or below @addr: the index of the first one that does not. */
static size_t holes_below(const struct range_list *l, uint64_t addr)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->v[mid].end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* A rejected hole; @why gets the piece in the way, if any. Most calls on a large map only count. */
static void reject(struct space *s, const struct place *p, struct range hole)
{
	const struct place *other = NULL;
	const char *what;

	if (!s->explain || s->lines++ >= EXPLAIN_LINES) {
		s->unsaid++;
		return;
	}
	for (size_t i = 0; i < s->n && !other; i++)
		if (s->placed[i] && range_overlaps(place_range(&s->p[i]), hole))
			other = &s->p[i];
	what = range_size(hole) < p->size ? "is too small"
	       : other                    ? "has no room beside "
					  : "has no aligned room";
	if (buf_printf(s->explain,
		       "%s: hole 0x%" PRIx64 "-0x%" PRIx64 " %s%s (needs 0x%" PRIx64 ")\n", p->what,
		       hole.start, hole.end - 1, what,
		       range_size(hole) >= p->size && other ? other->what : "", p->size) < 0)
		s->no_memory = true;
}

static void say_unsaid(struct space *s, const struct place *p)
{
	if (s->explain && s->unsaid &&
	    buf_printf(s->explain, "%s: %zu more holes were too small or taken\n", p->what,
		       s->unsaid) < 0)
		s->no_memory = true;
	s->lines = 0;
	s->unsaid = 0;
}

static bool lowest_in(const struct space *s, const struct place *p, struct range hole,
		      uint64_t *out)
{
	uint64_t at = align_up(hole.start, p->align);

	while (at <= hole.end && hole.end - at >= p->size) {
		const struct place *other = taken_by(s, at, p->size);

		if (!other) {
			*out = at;
			return true;
		}
		at = align_up(place_range(other).end, p->align);
	}
	return false;
}

static bool highest_in(const struct space *s, const struct place *p, struct range hole,
		       uint64_t *out)
{
	uint64_t end = hole.end;

	while (end >= hole.start && end - hole.start >= p->size) {
		uint64_t at = align_down(end - p->size, p->align);
		const struct place *other = at < hole.start ? NULL : taken_by(s, at, p->size);

		if (at < hole.start)
			return false;
		if (!other) {
			*out = at;
			return true;
		}
		end = other->at;
	}
	return false;
}

static bool find_lowest(struct space *s, struct place *p)
{
	for (size_t i = holes_below(s->holes, p->within.start); i < s->holes->n; i++) {
		struct range hole = range_meet(s->holes->v[i], p->within);

		if (range_empty(hole))
			break;
		if (lowest_in(s, p, hole, &p->at))
			return true;
		reject(s, p, hole);
	}
	return false;
}

static bool find_highest(struct space *s, struct place *p)
{
	size_t i = holes_below(s->holes, p->within.end);

	/* The hole at @i may begin inside the limits and end behind them. */
	for (i += i<s->holes->n; i--> 0;) {
		struct range hole = range_meet(s->holes->v[i], p->within);

		if (range_empty(hole) && s->holes->v[i].start >= p->within.end)
			continue;
		if (range_empty(hole))
			break;
		if (highest_in(s, p, hole, &p->at))
			return true;
		reject(s, p, hole);
	}
	return false;
}

/* NULL: @p fits at @at. Else why not; @other then is the piece in the way, where it is one. */
static const char *not_at(const struct space *s, const struct place *p, uint64_t at,
			  const struct place **other)
{
	size_t i = holes_below(s->holes, at);
	struct range r = {at, 0};

	*other = NULL;
	if (!align_is(at, p->align))
		return "is not aligned";
	if (ckd_add(&r.end, at, p->size) || !range_inside(r, p->within))
		return "is outside its limits";
	if (i == s->holes->n || !range_inside(r, s->holes->v[i]))
		return "is not usable memory";
	*other = taken_by(s, at, p->size);
	return *other ? "is taken by " : NULL;
}

/* " up to 0x37ffffff (initrd_addr_max)": the limit that matters for the direction. */
static void say_limit(const struct place *p, char *out, size_t len)
{
	bool low = p->dir == PLACE_LOWEST;
	bool limited = low ? p->within.start > 0 : p->within.end < UINT64_MAX;
	size_t n = 0;

	out[0] = '\0';
	if (limited && low)
		n = (size_t)snprintf(out, len, " from 0x%" PRIx64 " on", p->within.start);
	else if (limited)
		n = (size_t)snprintf(out, len, " up to 0x%" PRIx64, p->within.end - 1);
	if (p->why && n < len)
		snprintf(out + n, len - n, " (%s)", p->why);
}

/*
 * Place one piece in its preferred way beside those that are placed already. False: no room.
 * @suffix ends its reason.
 */
static bool place_one(struct space *s, struct place *p, const char *suffix)
{
	char size[HUMAN_LEN], limit[96], missed[96] = "";
	const struct place *other;
	const char *why_not;
	bool found;

	if (p->prefer || p->fixed) {
		why_not = not_at(s, p, p->preferred, &other);
		if (!why_not) {
			p->at = p->preferred;
			snprintf(p->reason, sizeof(p->reason),
				 p->fixed ? "fixed at 0x%" PRIx64 " as asked%s"
					  : "its preferred address 0x%" PRIx64 " is free%s",
				 p->at, suffix);
			return true;
		}
		snprintf(missed, sizeof(missed), "0x%" PRIx64 " %s%s; ", p->preferred, why_not,
			 other ? other->what : "");
		if (s->explain && buf_printf(s->explain, "%s: preferred address %.*s\n", p->what,
					     (int)strlen(missed) - 2, missed) < 0)
			s->no_memory = true;
	}
	found = !p->fixed && (p->dir == PLACE_LOWEST ? find_lowest(s, p) : find_highest(s, p));
	say_unsaid(s, p);
	say_limit(p, limit, sizeof(limit));
	snprintf(p->reason, sizeof(p->reason), "%s%s %s-aligned hole%s%s", missed,
		 p->dir == PLACE_LOWEST ? "lowest" : "highest", human_size(size, p->align), limit,
		 suffix);
	return found;
}

/* The first free stretch of @left beside what is placed; @left becomes what lies behind it. */
static struct range next_room(const struct space *s, struct range *left)
{
	struct range room = *left;

	left->start = left->end;
	for (size_t k = 0; k < s->n; k++) {
		struct range r = place_range(&s->p[k]);

		if (!s->placed[k] || !range_overlaps(r, room))
			continue;
		room.end = r.start > room.start ? r.start : room.start;
		left->start = r.end;
	}
	return room;
}

/* The largest room for @p in one piece, at its alignment, beside what is placed. */
static struct range largest_room(const struct space *s, const struct place *p)
{
	struct range best = {0, 0};

	for (size_t i = holes_below(s->holes, p->within.start); i < s->holes->n; i++) {
		struct range left = range_meet(s->holes->v[i], p->within);

		if (s->holes->v[i].start >= p->within.end)
			break;
		while (!range_empty(left)) {
			struct range room = next_room(s, &left);

			room.start = align_up(room.start, p->align);
			if (range_size(room) > range_size(best))
				best = room;
		}
	}
	return best;
}

/* "it needs 52.0 MiB (0x3400000), 2 MiB-aligned, in 0x1000000-0x37ffffff (initrd_addr_max)" */
static const char *say_need(const struct place *p, char *out, size_t len)
{
	char need[HUMAN_LEN], align[HUMAN_LEN], limits[64] = "inside limits that leave nothing";

	if (p->within.end == UINT64_MAX)
		snprintf(limits, sizeof(limits), "from 0x%" PRIx64 " on", p->within.start);
	else if (!range_empty(p->within))
		snprintf(limits, sizeof(limits), "in 0x%" PRIx64 "-0x%" PRIx64, p->within.start,
			 p->within.end - 1);
	snprintf(out, len, "it needs %s (0x%" PRIx64 "), %s-aligned, %s%s%s%s",
		 human_size(need, p->size), p->size, human_size(align, p->align), limits,
		 p->why ? " (" : "", p->why ? p->why : "", p->why ? ")" : "");
	return out;
}

static int refuse(const struct space *s, const struct place *p, bool together, struct err *err)
{
	char need[256], room[HUMAN_LEN], tail[96] = "there is no free memory there";
	struct range best = largest_room(s, p);

	if (!range_empty(best))
		snprintf(tail, sizeof(tail), "the largest hole there is %s at 0x%" PRIx64,
			 human_size(room, range_size(best)), best.start);
	return fail(err, ENOSPC, "no place for %s: %s; %s%s", p->what,
		    say_need(p, need, sizeof(need)), tail,
		    together ? " beside the other pieces, and no other arrangement holds all" : "");
}

static int refuse_fixed(const struct space *s, const struct place *p, struct err *err)
{
	const struct place *other = NULL;
	const char *why = not_at(s, p, p->preferred, &other);
	char need[256];

	return fail(err, ENOSPC, "no place for %s at 0x%" PRIx64 ": that %s%s; %s", p->what,
		    p->preferred, why ? why : "is taken", other ? other->what : "",
		    say_need(p, need, sizeof(need)));
}

/* The smallest page of any CPU; what a larger one asks for is in the sizes and alignments. */
enum { PAGE = 4096 };

static int check(const struct place *p, struct err *err)
{
	const char *what = p->what ? p->what : "a piece";

	if (!p->size || !align_is(p->size, PAGE))
		return fail(err, EINVAL, "%s: size 0x%" PRIx64 " is not a number of whole pages",
			    what, p->size);
	if (!align_ok(p->align) || p->align < PAGE)
		return fail(err, EINVAL,
			    "%s: alignment 0x%" PRIx64 " is no power of two or below a page", what,
			    p->align);
	if (p->fixed && !align_is(p->preferred, p->align))
		return fail(err, EINVAL,
			    "%s cannot be at 0x%" PRIx64 ": not a multiple of 0x%" PRIx64, what,
			    p->preferred, p->align);
	return 0;
}

/* Each in its preferred way, fixed ones first. 0, or the failed piece in @failed and -ENOSPC. */
static int place_as_asked(struct space *s, size_t *failed, struct err *err)
{
	for (int fixed = 1; fixed >= 0; fixed--)
		for (size_t i = 0; i < s->n; i++) {
			if (s->p[i].fixed != (bool)fixed)
				continue;
			s->placed[i] = place_one(s, &s->p[i], "");
			*failed = i;
			if (!s->placed[i])
				return fixed ? refuse_fixed(s, &s->p[i], err) : -ENOSPC;
		}
	return 0;
}

/*
 * No arrangement at all: name a piece that fits nowhere even alone, else the one that failed first.
 */
static int refuse_all(struct space *s, size_t failed, struct err *err)
{
	bool placed[SPACE_PIECES];

	memcpy(placed, s->placed, sizeof(placed));
	memset(s->placed, 0, sizeof(s->placed));
	for (size_t i = 0; i < s->n; i++)
		if (range_size(largest_room(s, &s->p[i])) < s->p[i].size)
			return refuse(s, &s->p[i], false, err);
	memcpy(s->placed, placed, sizeof(placed));
	return refuse(s, &s->p[failed], true, err);
}

/* A legal arrangement, then each piece once more in its preferred way beside all the others. */
static int place_any_way(struct space *s, size_t failed, struct err *err)
{
	struct range within[SPACE_PIECES];
	struct buf *explain = s->explain;
	int r;

	for (size_t i = 0; i < s->n; i++) {
		within[i] = s->p[i].within;
		if (s->p[i].fixed)
			s->p[i].within =
				(struct range){s->p[i].preferred, s->p[i].preferred + s->p[i].size};
	}
	r = pack_lowest(s->holes, s->p, s->n);
	for (size_t i = 0; i < s->n; i++)
		s->p[i].within = within[i];
	if (r)
		return r == -ENOSPC ? refuse_all(s, failed, err) : fail(err, -r, "out of memory");
	if (explain && buf_printf(explain,
				  "%s: no room left beside the others; all arrangements were "
				  "searched, and one holds all pieces\n",
				  s->p[failed].what) < 0)
		s->no_memory = true;
	s->explain = NULL;
	for (size_t i = 0; i < s->n; i++)
		s->placed[i] = true;
	for (size_t i = 0; i < s->n; i++) {
		s->placed[i] = false;
		s->placed[i] = place_one(s, &s->p[i], " beside all others (tight fit)");
	}
	s->explain = explain;
	return 0;
}

int space_place(const struct range_list *holes, struct place *p, size_t n, struct buf *explain,
		struct err *err)
{
	struct space s = {.holes = holes, .n = n, .explain = explain};
	size_t failed = 0;
	int r;

	if (n > SPACE_PIECES)
		return fail(err, EINVAL, "%zu pieces: a load has at most %d", n, SPACE_PIECES);
	for (size_t i = 0; i < n; i++) {
		s.p[i] = p[i];
		r = check(&s.p[i], err);
		if (r)
			return r;
	}
	r = place_as_asked(&s, &failed, err);
	if (r == -ENOSPC && !s.p[failed].fixed)
		r = place_any_way(&s, failed, err);
	if (s.no_memory)
		return fail(err, ENOMEM, "out of memory");
	if (r)
		return r;
	memcpy(p, s.p, n * sizeof(*p));
	return 0;
}
