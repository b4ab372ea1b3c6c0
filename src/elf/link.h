/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links one relocatable ELF object (ET_REL) to an address, out of place: the object stays const, section addresses live in a
 * table of their own. Used at load time for a purgatory and at build time to check every purgatory we ship.
 */
#pragma once
#include <stdbool.h>
#include "core/buf.h"
#include "core/err.h"

/* One relocation, ready to apply: write into @at (of @room bytes, place address @place) what @type makes of S + A. */
struct link_reloc {
	uint32_t type;
	uint64_t place;  /* P: address of the field at run time */
	uint64_t value;  /* S + A */
	uint8_t *at;
	size_t room;     /* bytes from @at to the end of its section */
};

/* A CPU's part of linking: src/arch/<cpu>/reloc.c. */
struct link_rules {
	uint16_t machine; /* EM_* */
	bool elf32, big;
	/* 0 | -ENOTSUP: unknown type (name its number) | -ERANGE: does not fit | -EBADMSG: field runs off its section. */
	int (*apply)(const struct link_reloc *r, struct err *err);
};


struct link {
	struct span obj;
	const struct link_rules *rules;
	uint64_t size;  /* of the linked image, bss included; bytes */
	uint64_t align; /* of its base */
	uint64_t *section_off; /* per section: offset in the image, UINT64_MAX = not loaded; owned */
	uint32_t nsections;
};

/*
 * Check and lay out @obj (borrowed): W^X (no section both writable and executable), code and data on different pages, every
 * relocation of a type that the rules know, every undefined symbol named in one error.
 * 0 | -ENOEXEC not an ET_REL of this CPU (with a reason) | -EBADMSG | -ENOTSUP | -ENOMEM.
 */
int link_open(struct span obj, const struct link_rules *rules, struct link *out, struct err *err);
void link_done(struct link *l);
/* Offset of a defined symbol in the image, and its st_size (may be NULL). -ENOENT if there is none. */
int link_symbol(const struct link *l, const char *name, uint64_t *off, uint64_t *size, struct err *err);
/* The image as it must lie at @base, @l->size bytes appended to @out. */
int link_at(const struct link *l, uint64_t base, struct buf *out, struct err *err);
