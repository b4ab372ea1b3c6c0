/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Input: lines "START END TYPE". Properties: the settled map is sorted, without overlaps, merged; a
 * byte is in it if and only if an entry has it, RAM only where nothing else claims it; settling
 * again changes nothing.
 */
#include "core/fuzz.h"
#include "machine/memmap.h"
#include "machine/text.h"

static void read_input(struct span rest, struct mem_map *map)
{
	struct span line, start, end;
	struct err err;

	while (map->n < 64 && text_line(&rest, &line))
		if (text_word(&line, &start) && text_word(&line, &end))
			(void)memmap_add(map, start, end, line, &err);
}

static const struct mem_range *at(const struct mem_map *map, uint64_t addr)
{
	for (size_t i = 0; i < map->n; i++)
		if (range_has(map->v[i].at, addr))
			return &map->v[i];
	return NULL;
}

static void check_byte(const struct mem_map *in, const struct mem_map *out, uint64_t addr)
{
	const struct mem_range *got = at(out, addr);
	bool any = false, other = false, same = false;

	for (size_t i = 0; i < in->n; i++) {
		if (!range_has(in->v[i].at, addr))
			continue;
		any = true;
		other = other || in->v[i].kind != MEM_RAM;
		same = same || (got && in->v[i].kind == got->kind);
	}
	assert(any == !!got && same == any);
	assert(!got || got->kind != MEM_RAM || !other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem_map in = {0}, out = {0};
	struct err err;
	size_t n;

	read_input(span_of(data, size), &in);
	read_input(span_of(data, size), &out);
	assert(memmap_settle(&out, &err) == 0);
	for (size_t i = 0; i < out.n; i++) {
		const struct mem_range *m = &out.v[i];

		assert(!range_empty(m->at));
		assert(!i || m[-1].at.end < m->at.start ||
		     (m[-1].at.end == m->at.start && m[-1].kind != m->kind));
		check_byte(&in, &out, m->at.start);
		check_byte(&in, &out, m->at.end - 1);
	}
	for (size_t i = 0; i < in.n; i++) {
		check_byte(&in, &out, in.v[i].at.start);
		check_byte(&in, &out, in.v[i].at.end);
	}
	n = out.n;
	assert(memmap_settle(&out, &err) == 0 && out.n == n);
	vec_done(&in);
	vec_done(&out);
	return 0;
}
