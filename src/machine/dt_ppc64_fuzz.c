/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/fuzz.h"
#include "machine/dt.h"
#include "machine/dt_ppc64.h"

static void normal(const struct range_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		assert(!range_empty(l->v[i]) && (!i || l->v[i - 1].end < l->v[i].start));
}

static bool meets(const struct range_list *l, struct range r)
{
	for (size_t i = 0; i < l->n; i++)
		if (range_overlaps(l->v[i], r))
			return true;
	return false;
}

/* Whatever the firmware keeps is in no RAM that we would use. */
static void whole(struct span blob)
{
	struct machine m = {.page_size = 65536, .arch = "ppc64le"};

	if (dt_facts(blob, &m, NULL) == 0) {
		normal(&m.ram);
		assert(!meets(&m.ram, m.ppc64.rtas) && !meets(&m.ram, m.ppc64.opal));
		assert(!meets(&m.ram, m.ppc64.htab));
		assert(!meets(&m.ram, (struct range){0, m.ppc64.kernel_end}));
		for (size_t i = 0; i < m.ppc64.tce.n; i++)
			assert(!meets(&m.ram, m.ppc64.tce.v[i]));
	}
	machine_done(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dt_ppc64 d = {0};
	struct tree t;
	uint8_t *copy = aligned_alloc(8, (size + 15) / 8 * 8);

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (tree_open(span_of(copy, size), &t, NULL) == 0) {
		if (dt_ppc64_parse(&t, &d, NULL) == 0) {
			normal(&d.memory);
			normal(&d.reserved);
			normal(&d.facts.tce);
			whole(span_of(copy, size));
		}
		dt_ppc64_done(&d);
	}
	free(copy);
	return 0;
}
