/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The check of what a purgatory was told. */
#pragma once
#include "base/sha256.h"
#include "purgatory/handoff.h"

enum verdict {
	VERDICT_OK,
	VERDICT_UNCHECKED, /* the table is sound and names no region */
	VERDICT_TABLE,     /* the handoff itself is damaged */
	VERDICT_VERSION,   /* sound, but not of our version */
	VERDICT_REGION,    /* the bytes of regions[*region] have changed */
};

/* The first half of verify_handoff: the table alone, so that its addresses may be believed. */
enum verdict verify_table(const struct handoff *h, sha256_blocks_fn *blocks);

/*
 * Compares every digest of @h with the bytes in memory, the table's own digest first: nothing of a
 * damaged table is believed. Freestanding.
 */
enum verdict verify_handoff(const struct handoff *h, sha256_blocks_fn *blocks, unsigned *region);
