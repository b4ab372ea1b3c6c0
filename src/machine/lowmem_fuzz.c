/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/fuzz.h"
#include "machine/lowmem.h"

/* A number that stands in the text; without the zone's name there is none. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of(data, size);
	uint64_t pfn = lowmem_parse(text);

	if (!data || !memmem(data, size, "HighMem", 7) || !memmem(data, size, "start_pfn:", 10))
		assert(!pfn);
	return 0;
}
