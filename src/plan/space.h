/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Placement: where the pieces of a load go. Knows no CPU and no format; a boot protocol says what
 * it wants as a struct place per piece, and this finds room.
 */
#pragma once
#include <stdbool.h>
#include "core/buf.h"
#include "core/err.h"
#include "machine/ranges.h"

enum place_dir { PLACE_LOWEST, PLACE_HIGHEST };

/* What one piece asks for. On success @at is its address. */
struct place {
	const char *what;  /* "kernel", for explanations and errors; borrowed */
	uint64_t size;     /* bytes, > 0; a multiple of the page size */
	uint64_t align;    /* power of two, at least the page size */
	struct range within; /* the piece must lie inside: limits of the protocol (half-open) */
	const char *why;   /* the reason of @within's limits ("initrd_addr_max"); borrowed */
	enum place_dir dir;
	bool prefer;       /* try @preferred first */
	uint64_t preferred;
	bool fixed;        /* only @preferred will do */
	uint64_t at;       /* out */
	char reason[192];  /* out: why it is where it is */
};

#define SPACE_PIECES 16 /* KEXEC_SEGMENT_MAX; the complete search grows with 2^n */

/*
 * Place all of @p in @holes (normal list) without overlap. First each in its own preferred way, in
 * the given order (fixed ones before the others); if that fails, a complete search, so that a
 * refusal means that no legal placement exists: docs/decisions/0002-placement.md. @explain, if not
 * NULL, gets one line per candidate that was rejected and why, at most about 20 per piece and then
 * a count. Also written on -ENOSPC; @p only on success. @holes is never copied.
 * 0 | -ENOSPC: @err names the piece, what it needs, and the largest hole inside its limits |
 * -EINVAL: bad @p (also more than SPACE_PIECES) | -ENOMEM.
 */
int space_place(const struct range_list *holes, struct place *p, size_t n, struct buf *explain,
		struct err *err);
