/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Property: names are sorted, lie in the text, and hold no tab and no end of line. */
#include "core/fuzz.h"
#include "elf/symvers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symvers l = {0};
	int r = symvers_parse(span_of(data, size), &l, NULL);

	if (!r != !!l.n)
		abort();
	for (size_t i = 0; i < l.n; i++) {
		struct span s = l.v[i].name;

		if (!s.len || s.ptr < data || s.len > size - (size_t)(s.ptr - data))
			abort();
		if (memchr(s.ptr, '\t', s.len) || memchr(s.ptr, '\n', s.len))
			abort();
		if (i && symvers_compare(l.v[i - 1].name, s) > 0)
			abort();
	}
	vec_done(&l);
	return 0;
}
