/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "purgatory/verify.h"

#include <stdbool.h>
#include <stddef.h>

static bool digest_is(const void *data, size_t len, const uint8_t want[SHA256_SIZE],
		      sha256_blocks_fn *blocks)
{
	struct sha256 s;
	uint8_t have[SHA256_SIZE], differ = 0;

	sha256_init(&s, blocks);
	sha256_update(&s, data, len);
	sha256_final(&s, have);
	for (unsigned i = 0; i < SHA256_SIZE; i++)
		differ |= have[i] ^ want[i];
	return !differ;
}

enum verdict verify_table(const struct handoff *h, sha256_blocks_fn *blocks)
{
	if (h->magic != HANDOFF_MAGIC)
		return VERDICT_TABLE;
	/* Another version may keep its digest elsewhere. */
	if (h->version != HANDOFF_VERSION || h->size != sizeof(*h))
		return VERDICT_VERSION;
	if (!digest_is(h, offsetof(struct handoff, digest), h->digest, blocks))
		return VERDICT_TABLE;
	if (h->nregions > HANDOFF_REGIONS)
		return VERDICT_TABLE;
	return h->nregions ? VERDICT_OK : VERDICT_UNCHECKED;
}

enum verdict verify_handoff(const struct handoff *h, sha256_blocks_fn *blocks, unsigned *region)
{
	enum verdict v = verify_table(h, blocks);

	if (v != VERDICT_OK)
		return v;
	for (unsigned i = 0; i < h->nregions; i++) {
		const struct handoff_region *r = &h->regions[i];

		if (!digest_is((const void *)(uintptr_t)r->start, (size_t)r->len, r->digest,
			       blocks)) {
			*region = i;
			return VERDICT_REGION;
		}
	}
	return VERDICT_OK;
}
