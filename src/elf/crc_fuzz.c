/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Property: what is read is sorted, every name ends inside the file, a CRC that stands in a table
 * was found through a slot, and a second reading gives the same.
 */
#include "core/fuzz.h"
#include "elf/crc.h"

static void inside(struct span file, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;

	/* "" of a kernel without namespaces is ours. */
	if (!*text)
		return;
	if (p < file.ptr || p >= file.ptr + file.len ||
	    !memchr(p, 0, file.len - (size_t)(p - file.ptr)))
		abort();
}

static void check(struct span file, const struct crc_list *l, const struct crc_slots *slots)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct crc_symbol *s = &l->v[i];

		inside(file, s->name);
		inside(file, s->namespace);
		if (!*s->name || s->kind > CRC_EXPORT_UNKNOWN)
			abort();
		if (i && strcmp(l->v[i - 1].name, s->name) > 0)
			abort();
		if (s->kind != CRC_EXPORT_UNKNOWN && !slots->n)
			abort();
	}
	if (l->contradictions > 0 && !l->first)
		abort();
}

static void same(const struct crc_list *a, const struct crc_list *b)
{
	if (a->n != b->n || a->contradictions != b->contradictions)
		abort();
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i].name, b->v[i].name) != 0 || a->v[i].kind != b->v[i].kind)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct crc_list first = {0}, second = {0};
	struct span file = span_of(data, size);
	struct crc_slots slots;
	struct elf e;
	int r;

	if (elf_parse(file, &e, NULL))
		return 0;
	crc_slots(&e, file, &slots);
	for (size_t i = 0; i < slots.n; i++)
		if (!crc_slots_have(&slots, slots.v[i].start) ||
		    !crc_slots_have(&slots, slots.v[i].end - 1))
			abort();
	r = crc_read(file, &first, NULL);
	if (r != crc_read(file, &second, NULL) || (r && (first.v || first.n)))
		abort();
	check(file, &first, &slots);
	same(&first, &second);
	crc_list_done(&first);
	crc_list_done(&second);
	return 0;
}
