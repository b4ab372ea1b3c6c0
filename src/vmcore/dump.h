/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dump: the ELF core of /proc/vmcore (Linux fs/proc/vmcore.c) or a file of that shape. Memory is
 * found by physical address, and by the old kernel's virtual address through the headers, its image
 * mapping and its page tables.
 */
#pragma once
#include <sys/types.h>
#include "base/range.h"
#include "core/buf.h"
#include "elf/reader.h"
#include "machine/vmcoreinfo.h"

/* Bytes of memory that follow each other: from @start (physical or virtual) on, at @off of the
 * file, physically at @pa. */
struct dump_map {
	uint64_t start, size, off, pa;
};
struct dump_maps VEC_BODY(struct dump_map);

struct dump_note {
	char name[32]; /* cut where it is longer */
	uint32_t type;
	uint64_t off, size; /* of the content, in the file */
};

/* What translation needs of vmcoreinfo, x86_64 only. */
struct dump_paging {
	bool has_image, has_root, five_levels;
	uint64_t image_size, phys_base, root_pa, sme_mask;
};

struct dump {
	struct elf_io io;
	struct elf elf;
	struct elf_phdrs phdrs;
	struct dump_maps by_pa, by_va; /* sorted by start, no overlaps */
	VEC(struct dump_note) notes;   /* of all PT_NOTE segments, in file order */
	struct buf vmcoreinfo;         /* "KEY=VALUE\n"…; empty = the dump has none */
	struct dump_paging paging;
	uint64_t page_size;
	uint64_t end;       /* where the last segment ends in the file */
	bool incomplete; /* marked so by its writer: e_flags bit 0, as makedumpfile and crash do */
	/* Some note runs off its segment or cannot be read; those before it are there. */
	bool notes_damaged;
	uint64_t bad_loads; /* PT_LOADs whose numbers wrap around: left out */
};

enum { DUMP_ELF_INCOMPLETE = 1 }; /* e_flags */

/*
 * Read the headers and the notes. @io and what is behind it are borrowed until dump_done.
 * 0 | -ENOEXEC no ELF (with a reason) | -EBADMSG damaged | -ENOTSUP an ELF file but no core |
 * -ENOMEM | read errors.
 */
int dump_open(const struct elf_io *io, struct dump *out, struct err *err);
void dump_done(struct dump *d);

/* @len bytes at a physical or virtual address. 0 | -ENODATA not in the dump | read errors. */
int dump_read_pa(const struct dump *d, uint64_t pa, void *buf, size_t len);
int dump_read_va(const struct dump *d, uint64_t va, void *buf, size_t len);

/* At most @max bytes at @va, as many as lie together. Their count (> 0) | errors as above. */
ssize_t dump_read_some(const struct dump *d, uint64_t va, void *buf, size_t max);

/* The same by the program headers alone; false where none maps @va. */
bool dump_find_va(const struct dump *d, uint64_t va, uint64_t *pa);

/* Fill @d->paging from the headers and vmcoreinfo; dump_open does it. */
void dump_find_paging(struct dump *d);

/* The physical address of @va. 0 | -ENODATA: nothing maps it, or its page table is missing. */
int dump_translate(const struct dump *d, uint64_t va, uint64_t *pa);

/*
 * Bytes of a long of the kernel that died. A 32-bit kernel with memory above 4 GiB has 64-bit
 * headers: the class of the file does not tell.
 */
static inline unsigned dump_long(const struct dump *d)
{
	return d->elf.machine == EM_386 || d->elf.machine == EM_ARM ? 4 : elf_word(&d->elf);
}

/* A number of vmcoreinfo: vmcoreinfo_u64. False if absent. */
static inline bool dump_key(const struct dump *d, const char *key, uint64_t *value)
{
	return vmcoreinfo_u64(buf_span(&d->vmcoreinfo), key, value);
}
