/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/fuzz.h"
#include "machine/dt.h"

static void normal(const struct range_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		assert(!range_empty(l->v[i]) && (!i || l->v[i - 1].end < l->v[i].start));
}

/* Lists are normal, what may be used lies in what a dump holds, and a failure leaves nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine m = MACHINE_INIT;
	struct range_list outside = {0};
	uint8_t *copy = aligned_alloc(8, (size + 15) / 8 * 8);

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	int r = dt_facts(span_of(copy, size), &m, NULL);

	assert(r == 0 || m.ram.n + m.system_ram.n + m.firmware.n + m.cmdline.len == 0);
	normal(&m.ram);
	normal(&m.system_ram);
	assert(!ranges_subtract(&outside, &m.ram, &m.system_ram) && !outside.n);
	ranges_done(&outside);
	machine_done(&m);
	free(copy);
	return 0;
}
