/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/lowmem.h"

#include <string.h>

#include "base/ckd.h"
#include "machine/cmdline.h"
#include "machine/text.h"
#include "machine/va.h"

#define MIB (1ull << 20)

/*
 * arch/arm/include/asm/pgtable.h: the end of vmalloc and the gap below it; arch/arm/mm/mmu.c: its
 * size unless vmalloc= says another, and that one's bounds.
 */
#define ARM_VMALLOC_END 0xff800000ull
#define ARM_VMALLOC_GAP (8 * MIB)
#define ARM_VMALLOC     (240 * MIB)
#define ARM_VMALLOC_MIN (16 * MIB)
#define ARM_VMALLOC_MAX (3072 * MIB)

uint64_t lowmem_parse(struct span zoneinfo)
{
	bool high = false;
	struct span line, word;
	uint64_t pfn;

	while (text_line(&zoneinfo, &line)) {
		if (!text_word(&line, &word))
			continue;
		if (text_is(word, "Node")) {
			high = false;
			while (text_word(&line, &word))
				high = text_is(word, "HighMem");
		}
		if (high && text_is(word, "start_pfn:") && text_word(&line, &word) &&
		    text_u64(word, 10, &pfn))
			return pfn;
	}
	return 0;
}

/* "240M", as memparse() of lib/cmdline.c reads it. */
static uint64_t size_of(struct span text, uint64_t otherwise)
{
	static const char units[] = "KMG";
	uint64_t n;

	if (!text_take_u64(&text, 10, &n))
		return otherwise;
	for (unsigned i = 0; text.len && i < 3; i++)
		if ((text.ptr[0] & 0xdf) == units[i])
			return ckd_mul(&n, n, 1ull << 10 * (i + 1)) ? otherwise : n;
	return n;
}

static uint64_t arm_limit(const struct machine *m)
{
	uint64_t size = size_of(cmdline_get(buf_span(&m->cmdline), "vmalloc"), ARM_VMALLOC);
	uint64_t offset;

	size = size < ARM_VMALLOC_MIN ? ARM_VMALLOC_MIN : size;
	size = size > ARM_VMALLOC_MAX ? ARM_VMALLOC_MAX : size;
	if (!machine_linear_offset(m, &offset))
		return 0;
	return ARM_VMALLOC_END - size - ARM_VMALLOC_GAP - offset;
}

uint64_t lowmem_end(const struct machine *m, struct span zoneinfo)
{
	bool arm = !strcmp(m->arch, "arm");
	uint64_t pfn = lowmem_parse(zoneinfo), end = 0;

	if (!arm && strcmp(m->arch, "i386"))
		return 0;
	if (pfn && !ckd_mul(&end, pfn, m->page_size))
		return end;
	for (size_t i = 0; i < m->kcore.n; i++) {
		const struct kernel_map *k = &m->kcore.v[i];
		uint64_t last;

		if (k->pa != UINT64_MAX && !ckd_add(&last, k->pa, k->size) && last > end)
			end = last;
	}
	return end || !arm ? end : arm_limit(m);
}
