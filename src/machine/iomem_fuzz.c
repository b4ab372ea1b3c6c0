/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties: the lists are normal, RAM lies inside the memory that a dump holds, the map is sorted
 * without overlaps, and the entries, written out again, are the same entries.
 */
#include "core/fuzz.h"
#include "machine/iomem.h"

static void need_normal(const struct range_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		assert(!range_empty(l->v[i]) && (!i || l->v[i - 1].end < l->v[i].start));
}

static void check_facts(struct span text)
{
	struct machine m = MACHINE_INIT;
	struct mem_map map = {0};
	struct range_list outside = {0};
	struct err err = ERR_INIT;

	if (iomem_facts(text, &m, &map, &err) == 0) {
		need_normal(&m.ram);
		need_normal(&m.system_ram);
		need_normal(&m.crash);
		assert(ranges_subtract(&outside, &m.ram, &m.system_ram) == 0 && !outside.n);
		for (size_t i = 0; i < map.n; i++)
			assert(!range_empty(map.v[i].at) &&
			     (!i || map.v[i - 1].at.end <= map.v[i].at.start));
	} else {
		assert(err.code == EBADMSG && err.text[0] &&
		     (!err.has_offset || err.offset < text.len));
	}
	machine_done(&m);
	vec_done(&map);
	ranges_done(&outside);
}

static int write_entries(struct span text, struct buf *out)
{
	struct iomem it = iomem_open(text);
	struct iomem_entry e;
	struct err err;
	int r;

	while ((r = iomem_next(&it, &e, &err)) > 0) {
		assert(e.name.ptr >= text.ptr && e.name.ptr + e.name.len <= text.ptr + text.len);
		uint64_t last = e.at.end == UINT64_MAX ? e.at.end : e.at.end - 1;

		assert(buf_printf(out, "%*s%llx-%llx : ", (int)(2 * e.depth), "",
				(unsigned long long)e.at.start, (unsigned long long)last) == 0);
		assert(buf_add(out, e.name.ptr, e.name.len) == 0 && buf_puts(out, "\n") == 0);
	}
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct range_list cma = {0};
	struct err err = ERR_INIT;

	check_facts(span_of(data, size));
	if (iomem_cma_ranges(span_of(data, size), &cma, &err) == 0)
		need_normal(&cma);
	ranges_done(&cma);
	if (write_entries(span_of(data, size), &once) == 0) {
		assert(write_entries(buf_span(&once), &twice) == 0);
		assert(once.len == twice.len &&
		     (!once.len || !memcmp(once.ptr, twice.ptr, once.len)));
	}
	buf_done(&once);
	buf_done(&twice);
	return 0;
}
