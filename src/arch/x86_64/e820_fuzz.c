/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A random machine: first a byte that says how many of the records that follow { u8 what, u16 gap,
 * u16 size } are firmware ranges; the others are crash regions and avoided ranges by turns. Units
 * of 256 bytes, so that ranges touch, nest and miss each other often.
 */
#include "arch/x86_64/bootparams.h"
#include "arch/x86_64/setup_data.h"
#include "base/cursor.h"
#include "core/fuzz.h"

static struct range next_range(struct cursor *c, uint64_t *at)
{
	uint64_t start = *at + cursor_u16(c) * 256ull;
	uint64_t end = start + (cursor_u16(c) + 1ull) * 256;

	*at = end;
	return (struct range){start, end};
}

static void read_firmware(struct cursor *c, struct mem_map *map)
{
	uint64_t at = 0;

	for (unsigned left = cursor_u8(c); left && !c->bad; left--) {
		enum mem_kind kind = cursor_u8(c) % (MEM_SOFT_RESERVED + 1u);
		struct mem_range r = {next_range(c, &at), kind};

		if (!c->bad)
			assert(!vec_push(map, r));
	}
}

static void read_lists(struct cursor *c, struct range_list *own, struct range_list *avoid)
{
	uint64_t at[2] = {0, 0};

	for (int left = 60; left && c->pos + 5 <= c->in.len && !c->bad; left--) {
		unsigned which = cursor_u8(c) & 1;

		assert(!ranges_add(which ? own : avoid, next_range(c, &at[which])));
	}
	c->bad = false;
	ranges_normalise(own);
	ranges_normalise(avoid);
}

/* The kind that @map gives @addr, or -1. */
static int kind_at(const struct mem_map *map, uint64_t addr)
{
	for (size_t i = 0; i < map->n; i++)
		if (range_has(map->v[i].at, addr))
			return (int)map->v[i].kind;
	return -1;
}

static bool is_own(const struct range_list *own, uint64_t addr)
{
	return !own || ranges_find(own, addr) || (addr >= 0x1000 && addr < 0xa0000);
}

/* What a byte must be in the next kernel's map, said the slow way. */
static int expected(const struct mem_map *old, const struct range_list *own,
		    const struct range_list *avoid, uint64_t addr)
{
	int kind = kind_at(old, addr);

	if (kind != MEM_RAM)
		return kind;
	if (ranges_find(avoid, addr))
		return MEM_UNUSABLE;
	return is_own(own, addr) ? MEM_RAM : -1;
}

static void check_map(const struct mem_map *old, const struct mem_map *map,
		      const struct range_list *own, const struct range_list *avoid)
{
	for (size_t i = 0; i < map->n; i++) {
		uint64_t start = map->v[i].at.start, end = map->v[i].at.end;

		assert(start < end);
		assert(!i || map->v[i - 1].at.end <= start);
		assert(kind_at(map, start) == expected(old, own, avoid, start));
		assert(kind_at(map, end - 1) == expected(old, own, avoid, end - 1));
		assert(kind_at(map, end) == expected(old, own, avoid, end));
	}
	for (size_t i = 0; i < old->n; i++)
		assert(kind_at(map, old->v[i].at.start) ==
		       expected(old, own, avoid, old->v[i].at.start));
}

/* The node at the chain's beginning holds what boot_params had no room for. */
static void check_overflow(const struct machine *m, const struct mem_map *map)
{
	struct buf chain = BUF_INIT;
	size_t rest = map->n > E820_INLINE ? map->n - E820_INLINE : 0;

	assert(!setup_data_chain(m, map, NULL, 0x1000, &chain, NULL));
	assert(chain.len == (rest ? 16 + rest * E820_ENTRY_SIZE : 0));
	buf_done(&chain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine m = MACHINE_INIT;
	struct range_list own = {0}, avoid = {0};
	struct mem_map jump = {0}, crash = {0};
	struct cursor c = cursor_le(span_of(data, size), 0);

	read_firmware(&c, &m.firmware);
	read_lists(&c, &own, &avoid);
	assert(!e820_jump(&m, &avoid, &jump, NULL));
	assert(!e820_crash(&m, &own, &avoid, &crash, NULL));
	check_map(&m.firmware, &jump, NULL, &avoid);
	check_map(&m.firmware, &crash, &own, &avoid);
	check_overflow(&m, &jump);
	vec_done(&jump);
	vec_done(&crash);
	vec_done(&m.firmware);
	ranges_done(&own);
	ranges_done(&avoid);
	return 0;
}
