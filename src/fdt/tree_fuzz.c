/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/fuzz.h"
#include "fdt/tree.h"

static void check(const struct tree_ranges *l, int r, const struct err *err)
{
	assert(r == 0 || (r == -EBADMSG && err->text[0]));
	for (size_t i = 0; i < l->n; i++)
		assert(!range_empty(l->v[i].at));
}

/* Whatever a blob says, ranges are no empty ones and texts lie inside it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tree t;
	struct err err = ERR_INIT;
	struct tree_ranges memory = {0}, reserved = {0};
	struct tree_cpus cpus = {0};
	struct tree_chosen c;
	uint8_t *copy = aligned_alloc(8, (size + 15) / 8 * 8); /* the harness may hand out any */

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	int r = tree_open(span_of(copy, size), &t, &err);

	assert(r == 0 || r == -ENOEXEC || r == -EBADMSG || r == -ENOTSUP);
	if (!r) {
		assert(t.blob.len <= size);
		check(&memory, tree_memory(&t, &memory, &err), &err);
		check(&reserved, tree_reserved(&t, &reserved, &err), &err);
		if (!tree_chosen(&t, &c, &err) && c.bootargs.ptr)
			assert(c.bootargs.ptr > copy &&
			       c.bootargs.ptr + c.bootargs.len <= copy + t.blob.len);
		r = tree_cpus(&t, &cpus, &err);
		assert(r == 0 || r == -EBADMSG);
	}
	vec_done(&memory);
	vec_done(&reserved);
	vec_done(&cpus);
	free(copy);
	return 0;
}
