/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/fuzz.h"
#include "machine/dt_serial.h"

/* What is found can be spoken to: a name, an address, a stride that is a power of two. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct serial_port s = {0};
	struct tree t;
	uint8_t *copy = aligned_alloc(8, (size + 15) / 8 * 8);

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (tree_open(span_of(copy, size), &t, NULL) == 0) {
		int r = dt_serial_parse(&t, &s, NULL);

		assert(r <= 1);
		assert((r == 1) == (s.mmio != 0));
		if (r == 1)
			assert(s.stride && !(s.stride & (s.stride - 1)) && s.name[0] && !s.port);
	}
	free(copy);
	return 0;
}
