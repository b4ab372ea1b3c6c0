/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Multiboot kernels as small as they can be, for tests: ELF32 with a header of either version. */
#pragma once
#include <string.h>

#include "base/put.h"
#include "image/multiboot.h"

enum {
	MB_MAKE_SIZE = 0x400,
	MB_MAKE_HEADER = 0x100, /* in the file */
	MB_MAKE_TEXT = 0x80,    /* the first segment, with the header in it */
	MB_MAKE_LOW = 0x200000,
	MB_MAKE_PHDRS = 52,
};

/* Where the tag that is added next begins; the header's length and checksum are kept right. */
struct mb_make {
	uint8_t bytes[MB_MAKE_SIZE];
	uint32_t length; /* of the header of version 2 */
};

static inline void mb_make_phdr(struct mb_make *m, unsigned i, uint32_t off, uint32_t paddr,
				uint32_t filesz, uint32_t memsz)
{
	uint8_t *p = m->bytes + MB_MAKE_PHDRS + 32ul * i;

	put_le(p, 1, 4);
	put_le(p + 4, off, 4);
	put_le(p + 8, paddr + 0x80000000u, 4);
	put_le(p + 12, paddr, 4);
	put_le(p + 16, filesz, 4);
	put_le(p + 20, memsz, 4);
	put_le(p + 44 - 16, 4, 4);
	put_le(m->bytes + 44, i + 1, 2);
}

/* Two segments, the higher one first: to be sorted. The entry is virtual. */
static inline void mb_make_elf(struct mb_make *m)
{
	static const uint8_t ident[] = {0x7f, 'E', 'L', 'F', 1, 1, 1};

	memset(m, 0, sizeof(*m));
	memcpy(m->bytes, ident, sizeof(ident));
	put_le(m->bytes + 16, 2, 2);
	put_le(m->bytes + 18, 3, 2);
	put_le(m->bytes + 20, 1, 4);
	put_le(m->bytes + 24, MB_MAKE_LOW + 0x80000010u, 4);
	put_le(m->bytes + 28, MB_MAKE_PHDRS, 4);
	put_le(m->bytes + 40, 52, 2);
	put_le(m->bytes + 42, 32, 2);
	mb_make_phdr(m, 0, 0x300, MB_MAKE_LOW + 0x1000, 0x100, 0x2000);
	mb_make_phdr(m, 1, MB_MAKE_TEXT, MB_MAKE_LOW, 0x280, 0x280);
}

static inline void mb_make_sum1(struct mb_make *m, uint32_t flags)
{
	uint8_t *h = m->bytes + MB_MAKE_HEADER;

	put_le(h, MB1_MAGIC, 4);
	put_le(h + MB1_FLAGS, flags, 4);
	put_le(h + MB1_CHECKSUM, 0u - MB1_MAGIC - flags, 4);
}

static inline void mb_make_sum2(struct mb_make *m, uint32_t arch)
{
	uint8_t *h = m->bytes + MB_MAKE_HEADER;

	put_le(h, MB2_MAGIC, 4);
	put_le(h + MB2_ARCH, arch, 4);
	put_le(h + MB2_LENGTH, m->length, 4);
	put_le(h + MB2_CHECKSUM, 0u - MB2_MAGIC - arch - m->length, 4);
}

/* A tag of @n words behind its first 8 bytes. */
static inline void mb_make_tag(struct mb_make *m, uint16_t type, uint16_t flags, unsigned n,
			       const uint32_t *words)
{
	uint8_t *t;

	if (!m->length)
		m->length = MB2_TAGS;
	t = m->bytes + MB_MAKE_HEADER + m->length;
	put_le(t, type, 2);
	put_le(t + 2, flags, 2);
	put_le(t + 4, 8 + 4ul * n, 4);
	for (unsigned i = 0; i < n; i++)
		put_le(t + 8 + 4ul * i, words[i], 4);
	m->length += (uint32_t)(8 + 4ul * n + 7) & ~7u;
	mb_make_sum2(m, 0);
}

/* As Xen's: information, alignment of modules, relocatable, an optional tag from the future. */
static inline void mb_make_v2(struct mb_make *m)
{
	static const uint32_t info[] = {4, 6}, rel[] = {0x200000, 0xffffffff, 0x200000, 2};

	mb_make_elf(m);
	mb_make_tag(m, MB2_INFORMATION, 0, 2, info);
	mb_make_tag(m, MB2_ALIGN_MODULES, 0, 0, NULL);
	mb_make_tag(m, MB2_RELOCATABLE, 0, 4, rel);
	mb_make_tag(m, 99, MB2_OPTIONAL, 1, info); /* its size needs padding */
	mb_make_tag(m, MB2_END, 0, 0, NULL);
}
