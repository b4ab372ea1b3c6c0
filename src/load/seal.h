/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digests and the handoff: what makes a set of placed pieces verifiable. */
#pragma once
#include "arch/boot.h"
#include "base/sha256.h"
#include "elf/link.h"

/* One region, one digest, per piece that asks for it; then the digest over the table itself. */
int seal_regions(struct boot *b, sha256_blocks_fn *blocks, struct err *err);

/*
 * Link @l (the purgatory) at @b->purgatory.at and write the handoff into it. @image gets the bytes,
 * *@entry the address of purgatory_start. -EBADMSG: the object lacks a symbol, or its handoff is
 * too small.
 */
int seal_purgatory(struct boot *b, const struct link *l, struct buf *image, uint64_t *entry,
		   struct err *err);
