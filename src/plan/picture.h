/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a drawing of memory shows: the machine's map with the crash region and the plan's segments
 * laid over it, as blocks in address order that neither overlap nor leave anything out. Text and
 * SVG draw the same blocks.
 */
#pragma once
#include "plan/plan.h"

enum picture_kind {
	PICTURE_RAM,
	PICTURE_RESERVED, /* @mem says how the firmware calls it */
	PICTURE_GAP,      /* no memory: between two entries of the map */
	PICTURE_CRASH,
	PICTURE_SEGMENT,
	PICTURE_MIXED,    /* many of the kinds above, too small to draw each */
};

struct picture_block {
	struct range at;
	enum picture_kind kind;
	enum mem_kind mem;
	const struct plan_segment *segment; /* borrowed from the plan */
	size_t merged, ranges; /* PICTURE_MIXED: how many blocks, and how many without the gaps */
	uint64_t ram;          /* PICTURE_MIXED: bytes of RAM in it */
};

struct picture VEC_BODY(struct picture_block);

#define PICTURE_BLOCKS 50 /* at most, however many ranges the machine has */

/* Linear in the size of the map. @out (empty on entry) is for vec_done. 0 | -ENOMEM. */
int picture_make(const struct plan *p, struct picture *out);

#define PICTURE_LABEL 96

/* "kernel", "RAM", "not memory", "1234 ranges with 3.20 GiB of RAM". Gives @out. */
const char *picture_label(const struct picture_block *b, char out[PICTURE_LABEL]);
