/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Placement against a brute force: for any small memory and up to 4 pieces, space_place finds a
 * legal placement exactly where one exists. Input: 4 bytes of free pages, 1 byte of edges, then 8
 * bytes per piece.
 */
#include "base/cursor.h"
#include "core/fuzz.h"
#include "plan/space_oracle.h"

enum { PIECES = 4 };

static const char *const names[PIECES] = {"kernel", "initrd", "boot_params", "purgatory"};

static void piece(struct cursor *c, struct place *p, const char *name)
{
	uint64_t start = cursor_u8(c) % ORACLE_PAGES, len = cursor_u8(c) % (ORACLE_PAGES + 1);
	uint8_t flags;

	p->what = name;
	p->size = (uint64_t)(cursor_u16(c) % 24 + 1) * ORACLE_PAGE;
	p->align = (uint64_t)ORACLE_PAGE << (cursor_u8(c) & 3);
	p->within = (struct range){start * ORACLE_PAGE, (start + len) * ORACLE_PAGE};
	flags = cursor_u8(c);
	p->dir = flags & 1 ? PLACE_HIGHEST : PLACE_LOWEST;
	p->prefer = flags & 2;
	p->fixed = (flags & 12) == 12;
	p->preferred = (uint64_t)(cursor_u8(c) % ORACLE_PAGES) * ORACLE_PAGE;
	if (p->fixed)
		p->preferred &= ~(p->align - 1);
	cursor_skip(c, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_le(span_of(data, size), 0);
	uint32_t map = cursor_u32(&c), edges = cursor_u8(&c);
	struct range holes[ORACLE_PAGES];
	struct range_list list = {.v = holes};
	struct place p[PIECES] = {0};
	struct buf explain = BUF_INIT;
	struct err err = ERR_INIT;
	size_t n = 0;
	int r;

	for (unsigned i = 0; i < ORACLE_PAGES; i++) {
		if (!(map & 1u << i))
			continue;
		if (!i || !(map & 1u << (i - 1)))
			holes[list.n++].start = (uint64_t)i * ORACLE_PAGE;
		holes[list.n - 1].end = (uint64_t)(i + 1) * ORACLE_PAGE;
	}
	/* Ends that are no page boundaries, as /proc/iomem has them. */
	for (size_t i = 0; i < list.n; i++)
		holes[i].end -= edges & 1u << (i & 7) ? 0x400 : 0;
	while (n < PIECES && c.pos < size)
		piece(&c, &p[n], names[n]), n++;
	map = oracle_free(&list);
	r = space_place(&list, p, n, &explain, &err);
	if ((r == 0) != oracle_fits(map, p, n) || (r && (r != -ENOSPC || !err.text[0])))
		abort();
	if (!r && oracle_legal(map, p, n))
		abort();
	buf_done(&explain);
	return 0;
}
