/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/inside.h"

#include <string.h>

#include "base/align.h"
#include "base/ckd.h"
#include "base/put.h"
#include "elf/note.h"
#include "elf/reader.h"

enum {
	PHNUM_MAX = 64,
	SHNUM_MAX = 4096,
	XEN_PHYS32_ENTRY = 18, /* include/xen/interface/elfnote.h */
	PAGE = 4096,
	VDSO_PAGES = 16, /* at most so far before a vDSO's note the vDSO begins */
	NOTES_MAX = 4096,
	TRIES = 64,
};

/* What stands behind the last note of memory without headers is anything. */
static bool is_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] <= ' ' || name.ptr[i] >= 0x7f)
			return false;
	return name.len && name.len < sizeof(((struct image_note *)0)->name);
}

static void take_note(struct image *m, const struct elf_note *n, bool big)
{
	struct cursor c = cursor_at(n->desc, 0, big);
	struct image_note *note = &m->notes[m->nnotes];

	if (elf_note_is(n, "GNU", NT_GNU_BUILD_ID) && n->desc.len &&
	    n->desc.len <= sizeof(m->build_id)) {
		memcpy(m->build_id, n->desc.ptr, n->desc.len);
		m->build_id_len = (unsigned)n->desc.len;
	}
	/* An entry of the vmlinux alone: what packs it has others. */
	if (m->format == IMAGE_VMLINUX && elf_note_is(n, "Xen", XEN_PHYS32_ENTRY) &&
	    (n->desc.len == 4 || n->desc.len == 8))
		m->entry_pvh = cursor_uint(&c, (unsigned)n->desc.len);
	if (m->nnotes == IMAGE_NOTES_MAX)
		return;
	*note = (struct image_note){.type = n->type, .size = (uint32_t)n->desc.len};
	memcpy(note->name, n->name.ptr, n->name.len);
	m->nnotes++;
}

static void read_notes(struct image *m, struct span notes, uint64_t align, bool big)
{
	struct elf_notes it = elf_notes_of(notes, big, align);
	struct elf_note n;

	while (elf_notes_next(&it, &n, NULL) > 0 && is_name(n.name))
		take_note(m, &n, big);
}

/* Memory from the lowest to the highest byte of the loaded segments; 0 = none, or absurd. */
static uint64_t footprint(const struct elf *e, struct span file)
{
	uint64_t low = UINT64_MAX, high = 0, end;

	for (uint32_t i = 0; i < e->phnum; i++) {
		struct elf_phdr p = elf_phdr_at(e, file, i);

		if (p.type != PT_LOAD || !p.memsz)
			continue;
		if (ckd_add(&end, p.paddr, p.memsz))
			return 0;
		low = p.paddr < low ? p.paddr : low;
		high = end > high ? end : high;
	}
	return high > low ? high - low : 0;
}

/* linux_banner of init/version.c: "Linux version RELEASE (who@where) ...". */
void image_read_banner(struct image *m, struct span vmlinux)
{
	static const char start[] = "Linux version ";
	const size_t skip = sizeof(start) - 1;
	struct span s = vmlinux;
	size_t n = 0;

	for (;;) {
		const uint8_t *at = s.len ? memmem(s.ptr, s.len, start, skip) : NULL;

		if (!at)
			return;
		s = span_from(s, (uint64_t)(at - s.ptr) + skip);
		for (n = 0; n < s.len && s.ptr[n] > ' ' && s.ptr[n] < 0x7f;)
			n++;
		if (n && n < s.len && n < sizeof(m->version) && s.ptr[n] == ' ' &&
		    s.ptr[0] >= '0' && s.ptr[0] <= '9')
			break;
	}
	memcpy(m->version, s.ptr, n);
	m->version[n] = 0;
}

/* An embedded ELF file holds the byte at @at of @mem: a vDSO, which has notes of its own. */
static bool in_vdso(struct span mem, uint64_t at)
{
	uint64_t page = align_down(at, PAGE);
	struct elf e;

	for (unsigned i = 0; i < VDSO_PAGES; i++, page -= PAGE) {
		struct span file = span_from(mem, page);
		uint64_t end = 0;
		bool found = !elf_parse_head(file, &e, NULL);

		for (uint32_t k = 0; found && k < e.phnum && k < PHNUM_MAX; k++) {
			struct elf_phdr p = elf_phdr_at(&e, file, k);

			end = p.offset + p.filesz > end ? p.offset + p.filesz : end;
		}
		if (at - page < end)
			return true;
		if (!page)
			break;
	}
	return false;
}

/*
 * Memory as it is, without headers: the build id is looked for, and is taken with the notes that
 * follow it. The linker makes it of 20 bytes.
 */
static void find_notes(struct image *m, struct span mem)
{
	const uint32_t words[] = {4, 20, NT_GNU_BUILD_ID};
	uint8_t head[16] = {[12] = 'G', 'N', 'U'};
	struct span rest = mem;
	const uint8_t *hit;

	for (unsigned i = 0; i < 3; i++)
		if (m->big)
			put_be(head + 4 * i, words[i], 4);
		else
			put_le(head + 4 * i, words[i], 4);
	for (unsigned i = 0; i < TRIES && rest.len; i++) {
		hit = memmem(rest.ptr, rest.len, head, sizeof(head));
		if (!hit)
			return;
		uint64_t at = (uint64_t)(hit - mem.ptr);

		rest = span_from(mem, at);
		if (!(at & 3) && !in_vdso(mem, at)) {
			if (rest.len > NOTES_MAX)
				rest.len = NOTES_MAX;
			read_notes(m, rest, 4, m->big);
			return;
		}
		rest = span_from(rest, 1);
	}
}

/* Headers may all name the same bytes: @left, of the file's, is what may still be walked over. */
static void read_within(struct image *m, struct span notes, uint64_t align, bool big, size_t *left)
{
	if (notes.len > *left)
		notes.len = *left;
	*left -= notes.len;
	read_notes(m, notes, align, big);
}

static void find_by_section(struct image *m, const struct elf *e, struct span file)
{
	size_t left = file.len;

	for (uint32_t i = 0; i < e->shnum && i < SHNUM_MAX; i++) {
		struct elf_shdr s = elf_shdr_at(e, file, i);

		if (s.type == SHT_NOTE)
			read_within(m, elf_section(file, &s), s.align, e->big, &left);
	}
}

/* The ELF file @e in @kernel, which may be cut. */
static int look_at_elf(struct image *m, const struct elf *e, struct span kernel, struct err *err)
{
	size_t left = kernel.len;
	struct elf whole;

	if (e->phnum > PHNUM_MAX)
		return fail(err, EBADMSG, "payload: has %u program headers", e->phnum);
	for (uint32_t i = 0; i < e->phnum; i++) {
		struct elf_phdr p = elf_phdr_at(e, kernel, i);

		if (p.type == PT_NOTE)
			read_within(m, elf_segment(kernel, &p), p.align, e->big, &left);
	}
	if (!m->nnotes && !elf_parse(kernel, &whole, NULL))
		find_by_section(m, &whole, kernel);
	/* A multiboot header may say otherwise, and goes before ELF. */
	if (m->format != IMAGE_MULTIBOOT && m->format != IMAGE_MULTIBOOT2)
		m->footprint_running = footprint(e, kernel);
	return 0;
}

int image_look_inside(struct image *m, struct span kernel, struct err *err)
{
	struct elf e;
	int r = elf_parse_head(kernel, &e, err);

	m->nnotes = 0;
	if (!r)
		r = look_at_elf(m, &e, kernel, err);
	else if (r == -ENOEXEC && m->format == IMAGE_BZIMAGE)
		r = fail(err, EBADMSG, "payload: unpacks to something that is no ELF file");
	else if (r != -ENOEXEC)
		return wrap(err, r, "payload");
	else {
		find_notes(m, kernel);
		r = 0;
	}
	if (!r && !m->version[0])
		image_read_banner(m, kernel);
	return r;
}

uint64_t image_head_wanted(struct span so_far)
{
	uint64_t end = 0;
	struct elf e;

	if (elf_parse_head(so_far, &e, NULL) || e.phnum > PHNUM_MAX)
		return UINT64_MAX;
	for (uint32_t i = 0; i < e.phnum; i++) {
		struct elf_phdr p = elf_phdr_at(&e, so_far, i);

		if (p.type == PT_NOTE && p.filesz < UINT32_MAX && p.offset + p.filesz > end)
			end = p.offset + p.filesz;
	}
	return end ? end : UINT64_MAX;
}

void image_find_config(struct image *m, struct span kernel)
{
	/* With gzip's magic: what is longer is found faster, in nearly all of the kernel. */
	static const char start[] = "IKCFG_ST\x1f\x8b\x08", end[] = "IKCFG_ED";
	enum { MARK = sizeof(end) - 1 };
	struct image_part part = {.kind = PART_CONFIG, .compression = COMP_GZIP};
	uint64_t wanted = image_head_wanted(kernel);
	struct span s = wanted < kernel.len ? span_sub(kernel, 0, wanted) : kernel;
	const uint8_t *at = s.len ? memmem(s.ptr, s.len, start, sizeof(start) - 1) : NULL, *to;

	if (!at)
		return;
	s = span_from(s, (uint64_t)(at - s.ptr) + MARK);
	to = s.len ? memmem(s.ptr, s.len, end, MARK) : NULL;
	part.data = span_sub(s, 0, to ? (uint64_t)(to - s.ptr) : 0);
	if (part.data.len)
		(void)parts_add(&m->parts, part, NULL);
}
