/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/multiboot.h"

#include <stdio.h>

#include "base/align.h"
#include "base/cursor.h"
#include "image/multiboot_loads.h"

enum { ARCH_I386 = 0, TAG_HEADER = 8, HEADER2_MIN = MB2_TAGS + TAG_HEADER };

/* What a loader of ours would have to know; all others are refused unless they are optional. */
static const struct tag {
	enum multiboot_tag type;
	uint32_t size;
} sizes[] = {
	{MB2_ADDRESS, 24},     {MB2_ENTRY, 12},        {MB2_CONSOLE, 12},
	{MB2_FRAMEBUFFER, 20}, {MB2_ALIGN_MODULES, 8}, {MB2_EFI_BOOT_SERVICES, 8},
	{MB2_ENTRY_EFI32, 12}, {MB2_ENTRY_EFI64, 12},  {MB2_RELOCATABLE, 24},
	{MB2_INFORMATION, 8}, /* at least */
};

/* Where the first header with a sound checksum begins. @words: how many add up to zero. */
static bool find_header(struct span file, uint32_t magic, size_t step, unsigned words,
			struct span *front, uint64_t *at)
{
	size_t limit = step == MB2_ALIGN ? MB2_SEARCH : MB1_SEARCH;

	*front = span_sub(file, 0, file.len < limit ? file.len : limit);
	for (size_t i = 0; i + 4ul * words <= front->len; i += step) {
		struct cursor c = cursor_le(*front, i);
		uint32_t sum = cursor_u32(&c);

		if (sum != magic)
			continue;
		for (unsigned n = 1; n < words; n++)
			sum += cursor_u32(&c);
		if (!sum) {
			*at = i;
			return true;
		}
	}
	return false;
}

static void read_addresses(struct cursor *c, struct mb_addresses *a)
{
	a->given = true;
	a->header = cursor_u32(c);
	a->load = cursor_u32(c);
	a->load_end = cursor_u32(c);
	a->bss_end = cursor_u32(c);
}

static int read_v1(struct span file, struct span front, struct multiboot *m, struct err *err)
{
	struct mb_addresses a = {0};
	struct cursor c = cursor_le(front, m->header + MB1_FLAGS);
	const uint32_t known = MB1_ALIGN_MODULES | MB1_WANTS_MEMORY | MB1_WANTS_VIDEO;

	m->flags = cursor_u32(&c);
	cursor_skip(&c, 4);
	if (m->flags & MB1_REQUIRED & ~known)
		return fail_at(err, ENOTSUP, m->header + MB1_FLAGS,
			       "multiboot header demands features that nobody knows (flags 0x%x)",
			       m->flags);
	m->align_modules = m->flags & MB1_ALIGN_MODULES;
	if (m->flags & MB1_HAS_ADDRESSES) {
		read_addresses(&c, &a);
		a.entry = cursor_u32(&c);
		a.entry_given = true;
	}
	if (c.bad)
		return fail_at(err, EBADMSG, m->header, "multiboot header at 0x%llx passes 0x%zx",
			       (unsigned long long)m->header, front.len);
	return multiboot_read_loads(file, &a, m, err);
}

/* A tag of the header. @body: behind its first 8 bytes; @at: in the file. */
struct found {
	uint16_t type;
	uint32_t size;
	bool optional;
	uint64_t at;
	struct cursor body;
};

static int read_demands(const struct found *t, struct multiboot *m, struct err *err)
{
	struct cursor c = t->body;

	for (uint32_t i = TAG_HEADER; i < t->size && !t->optional; i += 4) {
		uint32_t type = cursor_u32(&c);

		if (type >= MB2_INFORMATION_MAX)
			return fail_at(err, ENOTSUP, t->at,
				       "multiboot header demands information %u, which nobody "
				       "knows",
				       type);
		m->demands |= 1u << type;
	}
	return 0;
}

static int read_relocatable(const struct found *t, struct multiboot *m, struct err *err)
{
	struct cursor c = t->body;

	m->relocatable = true;
	m->min = cursor_u32(&c);
	m->max = cursor_u32(&c);
	m->align = cursor_u32(&c);
	m->preference = cursor_u32(&c);
	if (!align_ok(m->align) || m->max < m->min || m->preference > 2)
		return fail_at(err, EBADMSG, t->at,
			       "relocatable tag at 0x%llx: 0x%x to 0x%x, alignment 0x%x, "
			       "preference %u",
			       (unsigned long long)t->at, m->min, m->max, m->align, m->preference);
	return 0;
}

/* 0 | -ENOTSUP: nobody knows it, and it is demanded | -EBADMSG: its size is not its type's. */
static int check_tag(const struct found *t, struct err *err)
{
	bool fits = false;

	if (t->type > MB2_RELOCATABLE && t->optional)
		return 0;
	if (t->type > MB2_RELOCATABLE)
		return fail_at(err, ENOTSUP, t->at,
			       "tag at 0x%llx of the multiboot header is of type %u, which is "
			       "demanded and not known",
			       (unsigned long long)t->at, t->type);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		if (sizes[i].type == t->type)
			fits = t->type == MB2_INFORMATION
				       ? t->size >= sizes[i].size && t->size % 4 == 0
				       : t->size == sizes[i].size;
	if (fits)
		return 0;
	return fail_at(err, EBADMSG, t->at,
		       "tag at 0x%llx of the multiboot header, of type %u, has %u bytes",
		       (unsigned long long)t->at, t->type, t->size);
}

static int take_tag(const struct found *t, struct mb_addresses *a, struct multiboot *m,
		    struct err *err)
{
	struct cursor c = t->body;
	int r = check_tag(t, err);

	if (r)
		return r;
	switch (t->type) {
	case MB2_INFORMATION:
		return read_demands(t, m, err);
	case MB2_ADDRESS:
		read_addresses(&c, a);
		return 0;
	case MB2_ENTRY:
		a->entry = cursor_u32(&c);
		a->entry_given = true;
		return 0;
	case MB2_ALIGN_MODULES:
		m->align_modules = true;
		return 0;
	case MB2_RELOCATABLE:
		return read_relocatable(t, m, err);
	default: /* of consoles, and of a start under EFI, which this is not */
		return 0;
	}
}

/* Every turn takes 8 bytes at least. */
static int read_tags(struct span header, struct mb_addresses *a, struct multiboot *m,
		     struct err *err)
{
	uint64_t at = MB2_TAGS;

	for (;;) {
		struct found t = {.at = m->header + at, .body = cursor_le(header, at)};
		int r;

		t.type = cursor_u16(&t.body);
		t.optional = cursor_u16(&t.body) & MB2_OPTIONAL;
		t.size = cursor_u32(&t.body);
		if (t.body.bad || t.size < TAG_HEADER || t.size > header.len - at)
			return fail_at(err, EBADMSG, t.at,
				       "tag at 0x%llx of the multiboot header has %u bytes",
				       (unsigned long long)t.at, t.size);
		if (t.type == MB2_END)
			return 0;
		r = take_tag(&t, a, m, err);
		if (r)
			return r;
		at = align_up(at + t.size, MB2_ALIGN);
	}
}

static int read_v2(struct span file, struct span front, struct multiboot *m, struct err *err)
{
	struct mb_addresses a = {0};
	struct cursor c = cursor_le(front, m->header + MB2_ARCH);
	uint32_t arch = cursor_u32(&c), length = cursor_u32(&c);
	struct span header = span_sub(front, m->header, length);
	int r;

	if (arch != ARCH_I386)
		return fail_at(err, ENOTSUP, m->header + MB2_ARCH,
			       "multiboot header is for CPU %u, not for x86", arch);
	if (!header.ptr || length < HEADER2_MIN)
		return fail_at(err, EBADMSG, m->header + MB2_LENGTH,
			       "multiboot header at 0x%llx of 0x%x bytes is not in the file's "
			       "first 0x%zx",
			       (unsigned long long)m->header, length, front.len);
	r = read_tags(header, &a, m, err);
	return r ? r : multiboot_read_loads(file, &a, m, err);
}

int multiboot_read(struct span file, struct multiboot *out, struct err *err)
{
	struct multiboot m = {0};
	struct span front;
	int r;

	if (find_header(file, MB2_MAGIC, MB2_ALIGN, 4, &front, &m.header)) {
		m.version = 2;
		r = read_v2(file, front, &m, err);
	} else if (find_header(file, MB1_MAGIC, MB1_ALIGN, 3, &front, &m.header)) {
		m.version = 1;
		r = read_v1(file, front, &m, err);
	} else {
		return -ENOEXEC;
	}
	if (!r)
		*out = m;
	return r;
}

int multiboot_parse(struct span file, struct image *out, struct err *err)
{
	struct multiboot b;
	int r = multiboot_read(file, &b, err);

	if (r)
		return r;
	/* Of 32 bits is the mode that it is entered in; what it runs in is its own affair, and an
	 * x86_64 has that mode too. */
	*out = (struct image){
		.format = b.version == 2 ? IMAGE_MULTIBOOT2 : IMAGE_MULTIBOOT,
		.arch = "x86_64",
		.bits = 32,
		.file = file,
		.compression = COMP_NONE,
		.footprint_running = b.end - b.low,
		.align = b.relocatable ? b.align : 1,
		.preferred = b.low,
		.limit_min = b.relocatable ? b.min : b.low,
		.limit_max = b.relocatable ? b.max : b.end - 1,
		.relocatable = b.relocatable,
		.how = b.relocatable ? HOW_BOOT_LOADER : HOW_FIXED,
		.entry32 = b.entry,
	};
	snprintf(out->about, sizeof(out->about),
		 "header at 0x%llx, %u segments by %s, modules aligned to %s",
		 (unsigned long long)b.header, b.nloads, b.by_addresses ? "its addresses" : "ELF",
		 b.align_modules ? "pages" : "nothing");
	return 0;
}
