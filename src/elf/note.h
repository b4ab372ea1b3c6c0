/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF notes: { namesz, descsz, type, name, desc }, each padded. Core files pad to 4 bytes; a
 * segment with p_align 8 pads to 8 (System V ABI "Note section"; gabi discussion of 64-bit notes).
 * The kernel writes 4 in both classes (kernel/crash_core.c, append_elf_note).
 */
#pragma once
#include "base/cursor.h"
#include "core/buf.h"
#include "core/err.h"

struct elf_note {
	uint32_t type;
	struct span name; /* without the closing NUL */
	struct span desc;
	uint64_t off; /* of the note's header in its segment */
};

struct elf_notes {
	struct cursor c;
	unsigned align;
};

/* Walk @segment; @align is the segment's p_align (0 and 1 mean 4). */
struct elf_notes elf_notes_of(struct span segment, bool big, uint64_t align);

/* 1: @out is the next one, borrowed | 0: no more (the end, or a header of zeros) | -EBADMSG: runs
 * off the segment. */
int elf_notes_next(struct elf_notes *it, struct elf_note *out, struct err *err);

bool elf_note_is(const struct elf_note *n, const char *name, uint32_t type);

/* Where the parts of a note lie, from the 12 bytes of its header; for notes too large to hold in
 * memory. */
struct elf_note_layout {
	uint32_t namesz, descsz, type;
	uint64_t desc_off,
		total; /* from the start of the header, in bytes; total includes padding */
};
struct elf_note_layout elf_note_layout(const uint8_t head[12], bool big, uint64_t align);

/* Append one note in the kernel's padding. 0 | -ENOMEM */
int elf_note_add(struct buf *out, bool big, const char *name, uint32_t type, struct span desc);
