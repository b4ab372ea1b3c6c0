/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A boot wrapper as small as one can be, for tests: an ELF file with nothing but sections. */
#pragma once
#include <string.h>

#include "base/put.h"
#include "elf/format.h"

enum {
	PPC_MAKE_SIZE = 0x600,
	PPC_MAKE_DATA = 0x40,
	PPC_MAKE_NAMES = 0x200,
	PPC_MAKE_SECTIONS = 0x300
};

struct ppc_make {
	uint8_t bytes[PPC_MAKE_SIZE];
	bool elf32, big;
	unsigned sections;
	size_t data, names; /* where the next goes */
};

static inline void ppc_make_put(const struct ppc_make *m, size_t at, uint64_t v, unsigned bytes)
{
	if (m->big)
		put_be((uint8_t *)(uintptr_t)m->bytes + at, v, bytes);
	else
		put_le((uint8_t *)(uintptr_t)m->bytes + at, v, bytes);
}

/* The header of section @i. */
static inline size_t ppc_make_at(const struct ppc_make *m, unsigned i)
{
	return PPC_MAKE_SECTIONS + (m->elf32 ? 40ul : 64ul) * i;
}

static inline void ppc_make_section(struct ppc_make *m, const char *name, uint32_t type,
				    uint64_t off, uint64_t size)
{
	size_t at = ppc_make_at(m, m->sections);
	unsigned word = m->elf32 ? 4 : 8;

	ppc_make_put(m, at, m->names - PPC_MAKE_NAMES, 4);
	ppc_make_put(m, at + 4, type, 4);
	ppc_make_put(m, at + 8 + 2ul * word, off, word);
	ppc_make_put(m, at + 8 + 3ul * word, size, word);
	memcpy(m->bytes + m->names, name, strlen(name) + 1);
	m->names += strlen(name) + 1;
	m->sections++;
	ppc_make_put(m, m->elf32 ? 48 : 60, m->sections, 2);
}

static inline void ppc_make_begin(struct ppc_make *m, bool elf32, bool big)
{
	memset(m, 0, sizeof(*m));
	m->elf32 = elf32;
	m->big = big;
	m->data = PPC_MAKE_DATA;
	m->names = PPC_MAKE_NAMES;
	memcpy(m->bytes,
	       "\x7f"
	       "ELF",
	       4);
	m->bytes[4] = elf32 ? 1 : 2;
	m->bytes[5] = big ? 2 : 1;
	m->bytes[6] = 1;
	ppc_make_put(m, 16, 2, 2);
	ppc_make_put(m, 18, elf32 ? EM_PPC : EM_PPC64, 2);
	ppc_make_put(m, 20, 1, 4);
	ppc_make_put(m, elf32 ? 32 : 40, PPC_MAKE_SECTIONS, elf32 ? 4 : 8);
	ppc_make_put(m, elf32 ? 40 : 52, elf32 ? 52 : 64, 2);
	ppc_make_put(m, elf32 ? 46 : 58, elf32 ? 40 : 64, 2);
	ppc_make_put(m, elf32 ? 50 : 62, 1, 2); /* which has the names */
	ppc_make_section(m, "", 0, 0, 0);
	ppc_make_section(m, ".shstrtab", 3, PPC_MAKE_NAMES, 0x100);
}

static inline void ppc_make_add(struct ppc_make *m, const char *name, const void *data, size_t len)
{
	memcpy(m->bytes + m->data, data, len);
	ppc_make_section(m, name, 1, m->data, len);
	m->data += len;
}
