/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load/seal.h"

#include <stddef.h>
#include <string.h>

#include "arch/arch.h"
#include "base/put.h"
#include "base/sha256.h"

/* Bytes hashed between two calls of progress(). */
#define STEP (8ull << 20)

/* What all pieces together still have to hash. */
struct work {
	const struct load_request *req;
	uint64_t done, total;
};

static void hash(struct sha256 *s, const uint8_t *data, uint64_t len, struct work *w)
{
	while (len) {
		uint64_t n = len < STEP ? len : STEP;

		sha256_update(s, data, (size_t)n);
		data += n;
		len -= n;
		w->done += n;
		if (w->req->progress)
			w->req->progress(w->req->progress_ctx, w->done, w->total);
	}
}

/* Bytes @p covers with its digest: its content, then zeros up to @hashed. */
static void digest_piece(const struct boot_piece *p, sha256_blocks_fn *blocks, struct work *w,
			 uint8_t out[32])
{
	static const uint8_t zeros[4096];
	struct span data = p->data.ptr ? buf_span(&p->data) : p->borrowed;
	uint64_t have = data.len < p->hashed ? data.len : p->hashed;
	struct sha256 s;

	sha256_init(&s, blocks);
	hash(&s, data.ptr, have, w);
	for (uint64_t left = p->hashed - have; left;) {
		uint64_t n = left < sizeof(zeros) ? left : sizeof(zeros);

		hash(&s, zeros, n, w);
		left -= n;
	}
	sha256_final(&s, out);
}

int seal_regions(struct boot *b, sha256_blocks_fn *blocks, struct err *err)
{
	struct handoff *h = &b->handoff;
	struct work w = {.req = b->req};

	for (size_t i = 0; i < b->npieces; i++)
		w.total += b->pieces[i].hashed;
	for (size_t i = 0; i < b->npieces; i++) {
		const struct boot_piece *p = &b->pieces[i];

		if (!p->hashed)
			continue;
		if (h->nregions == HANDOFF_REGIONS)
			return fail(err, EINVAL, "more than %u regions to verify", HANDOFF_REGIONS);
		struct handoff_region *r = &h->regions[h->nregions++];
		r->start = p->place.at;
		r->len = p->hashed;
		strncpy(r->name, segment_kind_name(p->kind), sizeof(r->name) - 1);
		if (!b->req->no_digests)
			digest_piece(p, blocks, &w, r->digest);
	}
	return 0;
}

/* The handoff in the byte order of the CPU that will read it. */
static void write_handoff(const struct handoff *h, bool big, uint8_t *out)
{
	void (*put)(uint8_t *, uint64_t, unsigned) = big ? put_be : put_le;
	const uint32_t words[] = {h->magic,   h->version,        h->size,         h->on_mismatch,
				  h->console, h->console_stride, h->console_baud, h->nregions};
	const uint64_t longs[] = {h->console_addr, h->backup_src, h->backup_dst, h->backup_len,
				  h->entry,        h->args[0],    h->args[1],    h->args[2],
				  h->args[3],      h->args[4],    h->args[5]};
	struct sha256 s;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		put(out + 4 * i, words[i], 4);
	for (size_t i = 0; i < sizeof(longs) / sizeof(*longs); i++)
		put(out + sizeof(words) + 8 * i, longs[i], 8);
	for (size_t i = 0; i < HANDOFF_REGIONS; i++) {
		uint8_t *at = out + offsetof(struct handoff, regions) + i * sizeof(h->regions[0]);

		put(at, h->regions[i].start, 8);
		put(at + 8, h->regions[i].len, 8);
		memcpy(at + 16, h->regions[i].digest, 32);
		memcpy(at + 48, h->regions[i].name, 16);
	}
	sha256_init(&s, sha256_blocks_generic);
	sha256_update(&s, out, offsetof(struct handoff, digest));
	sha256_final(&s, out + offsetof(struct handoff, digest));
}

int seal_purgatory(struct boot *b, const struct link *l, struct buf *image, uint64_t *entry,
		   struct err *err)
{
	struct handoff *h = &b->handoff;
	uint64_t at, size, start;
	int r;

	if ((r = link_symbol(l, "baton_handoff", &at, &size, err)) < 0)
		return r;
	if ((r = link_symbol(l, "purgatory_start", &start, NULL, err)) < 0)
		return r;
	if (size != sizeof(*h) || at > l->size || size > l->size - at)
		return fail(err, EBADMSG, "baton_handoff has %llu bytes, this version writes %zu",
			    (unsigned long long)size, sizeof(*h));
	if ((r = link_at(l, b->purgatory.at, image, err)) < 0)
		return r;
	h->magic = HANDOFF_MAGIC;
	h->version = HANDOFF_VERSION;
	h->size = sizeof(*h);
	write_handoff(h, l->rules->big, image->ptr + at);
	if (b->req->arch->finish && (r = b->req->arch->finish(b, image, start, err)) < 0)
		return r;
	*entry = b->purgatory.at + start;
	return 0;
}
