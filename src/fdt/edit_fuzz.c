/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fdt/edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* After each edit, taken or refused, the tree is one that tree_open() takes. */
static int step(const struct buf *b, int r)
{
	struct tree t;

	assert(!tree_open(buf_span(b), &t, NULL));
	return r;
}

static void edits(struct buf *b)
{
	static const struct range v[] = {{0x1000, 0x2000}, {0x40000000, 0x50000000}};
	struct tree_chosen c;
	struct tree t;

	if (!step(b, edit_chosen_text(b, "bootargs", "quiet", NULL))) {
		assert(!tree_open(buf_span(b), &t, NULL));
		if (!tree_chosen(&t, &c, NULL))
			assert(c.bootargs.len == 5 && !memcmp(c.bootargs.ptr, "quiet", 5));
	}
	step(b, edit_chosen_remove(b, "kaslr-seed", NULL));
	step(b, edit_chosen_ranges(b, "linux,usable-memory-range", v, 2, NULL));
	step(b, edit_memreserve(b, v[0], NULL));
	step(b, edit_memreserve_remove(b, v[0], NULL));
	step(b, edit_reserved(b, "a", v[1], true, NULL));
	step(b, edit_reserved_remove(b, v[1], NULL));
	step(b, edit_memory(b, v, 2, NULL));
	step(b, edit_pack(b, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tree t;
	struct buf b = BUF_INIT;
	uint8_t *copy = aligned_alloc(8, (size + 15) / 8 * 8);

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (!tree_open(span_of(copy, size), &t, NULL) && !edit_open(&t, &b, NULL))
		edits(&b);
	buf_done(&b);
	free(copy);
	return 0;
}
