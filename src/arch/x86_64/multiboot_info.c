/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/x86_64/multiboot_info.h"

#include <string.h>

#include "arch/x86_64/e820.h"
#include "base/put.h"

#define MIB (1ull << 20)
#define KIB 1024

static const char loader_name[] = "Baton";

/* Version 1: offsets in the structure, what of it holds, and entries that it points to. */
enum {
	OFF_MEM_LOWER = 4,
	OFF_MEM_UPPER = 8,
	OFF_CMDLINE = 16,
	OFF_MODS_COUNT = 20,
	OFF_MODS = 24,
	OFF_MMAP_LENGTH = 44,
	OFF_MMAP = 48,
	OFF_LOADER = 64,
	V1_SIZE = 116,
	V1_MODULE = 16,
};
enum {
	HAS_MEMORY = 1u << 0,
	HAS_CMDLINE = 1u << 2,
	HAS_MODULES = 1u << 3,
	HAS_MMAP = 1u << 6,
	HAS_LOADER = 1u << 9,
};

/* Version 2: types of tags. */
enum {
	TAG_END = 0,
	TAG_CMDLINE = 1,
	TAG_LOADER = 2,
	TAG_MODULE = 3,
	TAG_MEMORY = 4,
	TAG_MMAP = 6,
	TAG_LOAD_BASE = 21,
};
enum { V2_HEAD = 8, TAG_HEAD = 8, TAG_ALIGN = 8, V2_MMAP_ENTRY = 24 };

uint32_t multiboot_info_given(bool relocatable)
{
	return 1u << TAG_CMDLINE | 1u << TAG_LOADER | 1u << TAG_MODULE | 1u << TAG_MEMORY |
	       1u << TAG_MMAP | (relocatable ? 1u << TAG_LOAD_BASE : 0);
}

/* KiB of RAM in one piece: from address 0 (a map may leave out the first page), and from 1 MiB. */
static void plain_memory(const struct mem_map *map, uint32_t *lower, uint32_t *upper)
{
	*lower = *upper = 0;
	for (size_t i = 0; i < map->n; i++) {
		struct range at = map->v[i].at;

		if (map->v[i].kind != MEM_RAM)
			continue;
		if (at.start <= 0x1000)
			*lower = (uint32_t)((at.end < MIB ? at.end : MIB) / KIB);
		if (at.start <= MIB && at.end > MIB)
			*upper = (uint32_t)((at.end - MIB) / KIB < UINT32_MAX ? (at.end - MIB) / KIB
									      : UINT32_MAX);
	}
}

/* What is appended from @start on, as it lies at @at. */
struct writer {
	struct buf *out;
	size_t start;
	uint64_t at;
	int r; /* of the first failure */
};

static void add(struct writer *w, const void *data, size_t len)
{
	if (!w->r)
		w->r = buf_add(w->out, data, len);
}

static void add_number(struct writer *w, uint64_t v, unsigned bytes)
{
	uint8_t le[8];

	put_le(le, v, bytes);
	add(w, le, bytes);
}

static void add_text(struct writer *w, struct span s)
{
	add(w, s.ptr, s.len);
	add(w, "", 1);
}

static void pad(struct writer *w, size_t to)
{
	if (!w->r)
		w->r = buf_zero(w->out, -(w->out->len - w->start) & (to - 1));
}

static uint64_t here(const struct writer *w)
{
	return w->at + (w->out->len - w->start);
}

static void set(struct writer *w, size_t off, uint64_t v)
{
	if (!w->r)
		put_le(w->out->ptr + w->start + off, v, 4);
}

static struct span text(const char *s)
{
	return span_of(s, strlen(s));
}

/* @before: the size of an entry, which version 1 puts in front of each; @behind: zeros. */
static void add_map(struct writer *w, const struct mem_map *map, unsigned before, unsigned behind)
{
	uint8_t e[E820_ENTRY_SIZE];

	for (size_t i = 0; i < map->n; i++) {
		e820_put(e, &map->v[i]);
		add_number(w, sizeof(e), before);
		add(w, e, sizeof(e));
		add_number(w, 0, behind);
	}
}

static void add_v1_modules(struct writer *w, const struct multiboot_info_in *in)
{
	size_t table = w->out->len - w->start;

	set(w, OFF_MODS_COUNT, in->nmodules);
	set(w, OFF_MODS, here(w));
	if (!w->r)
		w->r = buf_zero(w->out, in->nmodules * V1_MODULE);
	for (size_t i = 0; i < in->nmodules; i++, table += V1_MODULE) {
		const struct multiboot_info_module *m = &in->modules[i];

		set(w, table, m->at);
		set(w, table + 4, m->at + m->len);
		set(w, table + 8, here(w));
		add_text(w, text(m->line));
	}
}

static void write_v1(struct writer *w, const struct multiboot_info_in *in)
{
	uint32_t lower, upper;

	plain_memory(in->map, &lower, &upper);
	w->r = buf_zero(w->out, V1_SIZE);
	set(w, 0, HAS_MEMORY | HAS_CMDLINE | HAS_MODULES | HAS_MMAP | HAS_LOADER);
	set(w, OFF_MEM_LOWER, lower);
	set(w, OFF_MEM_UPPER, upper);
	set(w, OFF_MMAP, here(w));
	set(w, OFF_MMAP_LENGTH, in->map->n * (4 + E820_ENTRY_SIZE));
	add_map(w, in->map, 4, 0);
	add_v1_modules(w, in);
	set(w, OFF_CMDLINE, here(w));
	add_text(w, in->cmdline);
	set(w, OFF_LOADER, here(w));
	add_text(w, text(loader_name));
}

/* @size: behind the tag's head. */
static void begin_tag(struct writer *w, uint32_t type, size_t size)
{
	pad(w, TAG_ALIGN);
	add_number(w, type, 4);
	add_number(w, TAG_HEAD + size, 4);
}

static void text_tag(struct writer *w, uint32_t type, struct span s)
{
	begin_tag(w, type, s.len + 1);
	add_text(w, s);
}

static void module_tag(struct writer *w, const struct multiboot_info_module *m)
{
	begin_tag(w, TAG_MODULE, 8 + strlen(m->line) + 1);
	add_number(w, m->at, 4);
	add_number(w, m->at + m->len, 4);
	add_text(w, text(m->line));
}

static void write_v2(struct writer *w, const struct multiboot_info_in *in)
{
	uint32_t lower, upper;

	plain_memory(in->map, &lower, &upper);
	add_number(w, 0, V2_HEAD);
	text_tag(w, TAG_CMDLINE, in->cmdline);
	text_tag(w, TAG_LOADER, text(loader_name));
	for (size_t i = 0; i < in->nmodules; i++)
		module_tag(w, &in->modules[i]);
	begin_tag(w, TAG_MEMORY, 8);
	add_number(w, lower, 4);
	add_number(w, upper, 4);
	begin_tag(w, TAG_MMAP, 8 + in->map->n * V2_MMAP_ENTRY);
	add_number(w, V2_MMAP_ENTRY, 4);
	add_number(w, 0, 4); /* version of the entries */
	add_map(w, in->map, 0, V2_MMAP_ENTRY - E820_ENTRY_SIZE);
	if (in->relocatable) {
		begin_tag(w, TAG_LOAD_BASE, 4);
		add_number(w, in->load_base, 4);
	}
	begin_tag(w, TAG_END, 0);
	set(w, 0, here(w) - w->at);
}

int multiboot_info_write(const struct multiboot_info_in *in, uint64_t at, struct buf *out,
			 struct err *err)
{
	struct writer w = {.out = out, .start = out->len, .at = at};

	if (in->version == 1)
		write_v1(&w, in);
	else
		write_v2(&w, in);
	return w.r < 0 ? fail(err, ENOMEM, "no memory for the multiboot information") : 0;
}
