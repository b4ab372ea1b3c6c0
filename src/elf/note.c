/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/note.h"

#include <string.h>

#include "base/align.h"
#include "base/put.h"
#include "elf/format.h"

struct elf_notes elf_notes_of(struct span segment, bool big, uint64_t align)
{
	return (struct elf_notes){cursor_at(segment, 0, big), align == 8 ? 8 : 4};
}

/* Padding that the segment's end cuts off is not an error: many writers do not pad the last note.
 */
static void pad(struct cursor *c, unsigned align)
{
	uint64_t to = align_up(c->pos, align);

	if (!c->bad)
		c->pos = to > c->in.len ? c->in.len : (size_t)to;
}

int elf_notes_next(struct elf_notes *it, struct elf_note *out, struct err *err)
{
	struct cursor *c = &it->c;
	struct elf_note n = {.off = c->pos};

	/* Fewer bytes than a header are padding too. */
	if (c->bad || c->in.len - c->pos < ELF_NHDR_SIZE)
		return 0;
	uint32_t namesz = cursor_u32(c), descsz = cursor_u32(c);
	n.type = cursor_u32(c);
	if (!namesz && !descsz && !n.type)
		return 0;
	n.name = cursor_take(c, namesz);
	pad(c, it->align);
	n.desc = cursor_take(c, descsz);
	pad(c, it->align);
	if (c->bad)
		return fail_at(err, EBADMSG, n.off,
			       "note at 0x%llx (name %u, content %u bytes) runs off its segment",
			       (unsigned long long)n.off, namesz, descsz);
	if (n.name.len && !n.name.ptr[n.name.len - 1])
		n.name.len--;
	*out = n;
	return 1;
}

struct elf_note_layout elf_note_layout(const uint8_t head[12], bool big, uint64_t align)
{
	struct cursor c = cursor_at(span_of(head, ELF_NHDR_SIZE), 0, big);
	struct elf_note_layout l = {.namesz = cursor_u32(&c)};

	align = align == 8 ? 8 : 4;
	l.descsz = cursor_u32(&c);
	l.type = cursor_u32(&c);
	l.desc_off = align_up(ELF_NHDR_SIZE + (uint64_t)l.namesz, align);
	l.total = align_up(l.desc_off + l.descsz, align);
	return l;
}

bool elf_note_is(const struct elf_note *n, const char *name, uint32_t type)
{
	return n->type == type && n->name.len == strlen(name) &&
	       !memcmp(n->name.ptr, name, n->name.len);
}

int elf_note_add(struct buf *out, bool big, const char *name, uint32_t type, struct span desc)
{
	size_t namesz = strlen(name) + 1;
	uint8_t head[ELF_NHDR_SIZE];
	void (*put)(uint8_t *, uint64_t, unsigned) = big ? put_be : put_le;

	put(head, namesz, 4);
	put(head + 4, desc.len, 4);
	put(head + 8, type, 4);
	if (buf_add(out, head, sizeof(head)) < 0 || buf_add(out, name, namesz) < 0 ||
	    buf_zero(out, (size_t)align_up(namesz, 4) - namesz) < 0 ||
	    buf_add(out, desc.ptr, desc.len) < 0)
		return -ENOMEM;
	return buf_zero(out, (size_t)align_up(desc.len, 4) - desc.len);
}
