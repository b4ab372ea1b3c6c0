/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small x86 vmlinux for tests: one segment with the banner and bss, and a note with the PVH
 * entry. Nothing in it can run.
 */
#pragma once
#include <stdlib.h>
#include <string.h>

#include "base/put.h"
#include "core/buf.h"
#include "elf/note.h"
#include "elf/writer.h"

struct vmlinux_make {
	bool elf32;
	uint64_t phys, memsz;
	uint64_t pvh; /* 0 = no such entry */
};

#define VMLINUX_MAKE {.phys = 0x1000000, .memsz = 0x1234567, .pvh = 0x1000340}

enum { VMLINUX_MAKE_TEXT = 0x1000, VMLINUX_MAKE_ENTRY = 0x40 };

/* The bytes of the file, the caller's. */
static inline struct buf vmlinux_make(const struct vmlinux_make *o)
{
	static const char banner[] = "Linux version 6.1.0-50-test (builder@host) #1 SMP";
	uint8_t desc[8], text[VMLINUX_MAKE_TEXT];
	struct buf note = BUF_INIT, file = BUF_INIT;
	struct elf e = {.elf32 = o->elf32,
			.type = ET_EXEC,
			.machine = o->elf32 ? EM_386 : EM_X86_64,
			.entry = o->phys + VMLINUX_MAKE_ENTRY,
			.phnum = 2};
	size_t head = elf_ehdr_size(&e) + 2 * elf_phdr_size(&e);

	put_le(desc, o->pvh, 8);
	if (elf_note_add(&note, false, "Xen", o->pvh ? 18 : 1, span_of(desc, elf_word(&e))) < 0)
		abort();
	struct elf_phdr load = {.type = PT_LOAD,
				.offset = head + note.len,
				.vaddr = o->elf32 ? 0xc0000000 + o->phys
						  : 0xffffffff80000000 + o->phys,
				.paddr = o->phys,
				.filesz = VMLINUX_MAKE_TEXT,
				.memsz = o->memsz,
				.align = o->elf32 ? 0x1000 : 0x200000};
	struct elf_phdr notes = {
		.type = PT_NOTE, .offset = head, .filesz = note.len, .align = 4};

	e.phoff = elf_ehdr_size(&e);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7 + 1);
	memcpy(text + 0x100, banner, sizeof(banner));
	if (elf_put_header(&file, &e) < 0 || elf_put_phdr(&file, &e, &notes) < 0 ||
	    elf_put_phdr(&file, &e, &load) < 0 || buf_add(&file, note.ptr, note.len) < 0 ||
	    buf_add(&file, text, sizeof(text)) < 0)
		abort();
	buf_done(&note);
	return file;
}
