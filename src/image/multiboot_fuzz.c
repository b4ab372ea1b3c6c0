/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/put.h"
#include "image/image_fuzz.h"
#include "image/multiboot.h"

/* In memory each load is where it says, and zeros are between them. */
static void check_memory(const struct multiboot *m)
{
	struct buf all = BUF_INIT;
	uint64_t last = 0;

	assert(!multiboot_memory(m, &all));
	assert(all.len <= m->end - m->low);
	for (unsigned i = 0; i < m->nloads; i++) {
		uint64_t at = m->loads[i].phys - m->low;

		for (; last < at; last++)
			assert(!all.ptr[last]);
		assert(!m->loads[i].data.len ||
		       !memcmp(all.ptr + at, m->loads[i].data.ptr, m->loads[i].data.len));
		last = at + m->loads[i].data.len;
	}
	buf_done(&all);
}

/* Loads lie in the file, below 4G, rise, and one of them is entered. */
static void check(struct span file)
{
	struct multiboot m;
	struct err err = ERR_INIT;
	int r = multiboot_read(file, &m, &err);
	bool entered = false;
	struct image im;

	assert(multiboot_parse(file, &im, NULL) == r);
	fuzz_answer(r, &err);
	if (r)
		return;
	assert(m.nloads && m.nloads <= MULTIBOOT_LOADS_MAX && m.low == m.loads[0].phys);
	for (unsigned i = 0; i < m.nloads; i++) {
		const struct multiboot_load *l = &m.loads[i];

		fuzz_inside(l->data, file);
		assert(l->size >= l->data.len && l->phys + l->size <= 1ull << 32);
		assert(!i || m.loads[i - 1].phys + m.loads[i - 1].size <= l->phys);
		entered |= m.entry - l->phys < l->data.len;
	}
	assert(entered);
	if (m.end - m.low < 1 << 20)
		check_memory(&m);
}

/* Once as it is, and once with the checksum made right, which a fuzzer does not find. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy, *hit;

	check(span_of(data, size));
	hit = memmem(data, size, "\xd6\x50\x52\xe8", 4);
	if (!hit || (size_t)(data + size - hit) < MB2_TAGS)
		return 0;
	copy = malloc(size);
	memcpy(copy, data, size);
	hit = copy + (hit - data);
	put_le(hit + MB2_CHECKSUM,
	       0u - (uint32_t)(get_le(hit, 4) + get_le(hit + MB2_ARCH, 4) +
			       get_le(hit + MB2_LENGTH, 4)),
	       4);
	check(span_of(copy, size));
	free(copy);
	return 0;
}
