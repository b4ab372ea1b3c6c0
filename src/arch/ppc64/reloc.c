/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/ppc64/reloc.h"

#include <inttypes.h>

#include "base/put.h"

/* Not in every <elf.h>: a call that keeps no TOC pointer; the hint at a function's entry. */
#define REL24_NOTOC 116
#define ENTRY       118

enum part {
	WHOLE,    /* all of the value */
	LOW,      /* its low 16 bits */
	LOW_DS,   /* the same, the lowest two of the field stay */
	HIGH_ADJ, /* bits 16 to 31, so that the low half may be added with its sign */
	BRANCH24, /* a word's bits 2 to 25 */
	BRANCH14, /* a word's bits 2 to 15 */
};
enum from { FROM_ZERO, FROM_PLACE, FROM_TOC };

static const struct field {
	uint32_t type;
	unsigned bytes;
	enum from from;
	enum part part;
	unsigned reach; /* bits that the value may take, its sign included */
} fields[] = {
	{R_PPC64_ADDR64, 8, FROM_ZERO, WHOLE, 64},
	{R_PPC64_REL64, 8, FROM_PLACE, WHOLE, 64},
	{R_PPC64_REL32, 4, FROM_PLACE, WHOLE, 32},
	{R_PPC64_REL24, 4, FROM_PLACE, BRANCH24, 26},
	{REL24_NOTOC, 4, FROM_PLACE, BRANCH24, 26},
	{R_PPC64_REL14, 4, FROM_PLACE, BRANCH14, 16},
	{R_PPC64_REL16, 2, FROM_PLACE, LOW, 16},
	{R_PPC64_REL16_LO, 2, FROM_PLACE, LOW, 32},
	{R_PPC64_REL16_HA, 2, FROM_PLACE, HIGH_ADJ, 32},
	{R_PPC64_TOC, 8, FROM_ZERO, WHOLE, 64},
	{R_PPC64_TOC16, 2, FROM_TOC, LOW, 16},
	{R_PPC64_TOC16_DS, 2, FROM_TOC, LOW_DS, 16},
	{R_PPC64_TOC16_LO, 2, FROM_TOC, LOW, 32},
	{R_PPC64_TOC16_LO_DS, 2, FROM_TOC, LOW_DS, 32},
	{R_PPC64_TOC16_HA, 2, FROM_TOC, HIGH_ADJ, 32},
};

/* Bytes from a function's global entry, which makes r2, to its local one: bits 5 to 7 of st_other.
 */
static uint64_t local_entry(uint8_t other)
{
	unsigned log = other >> 5;

	return log < 2 ? 0 : log == 7 ? UINT64_MAX : UINT64_C(1) << log;
}

static bool fits(uint64_t v, unsigned bits)
{
	return bits == 64 || v + (UINT64_C(1) << (bits - 1)) < UINT64_C(1) << bits;
}

static uint64_t field_of(const struct field *f, uint64_t v, uint64_t was)
{
	switch (f->part) {
	case LOW:
		return v & 0xffff;
	case LOW_DS:
		return (v & 0xfffc) | (was & 3);
	case HIGH_ADJ:
		return (v + 0x8000) >> 16 & 0xffff;
	case BRANCH24:
		return (v & 0x3fffffc) | (was & ~UINT64_C(0x3fffffc));
	case BRANCH14:
		return (v & 0xfffc) | (was & ~UINT64_C(0xfffc));
	default:
		return v;
	}
}

static int apply_field(const struct link_reloc *r, const struct field *f, bool big, struct err *err)
{
	bool branch = f->part == BRANCH24 || f->part == BRANCH14;
	uint64_t v = r->type == R_PPC64_TOC ? r->base : r->value;

	if (r->room < f->bytes)
		return fail(err, EBADMSG, "type %u runs off its section", r->type);
	if (branch && local_entry(r->other) == UINT64_MAX)
		return fail(err, ENOTSUP, "type %u: a function with a reserved st_other", r->type);
	/* Caller and callee share the TOC pointer, so the part that makes it is skipped. */
	v += branch ? local_entry(r->other) : 0;
	v -= f->from == FROM_PLACE ? r->place : f->from == FROM_TOC ? r->base : 0;
	if (!fits(f->part == HIGH_ADJ ? v + 0x8000 : v, f->reach))
		return fail(err, ERANGE, "type %u: 0x%" PRIx64 " does not fit %u bits", r->type, v,
			    f->reach);
	if ((branch || f->part == LOW_DS) && (v & 3))
		return fail(err, ERANGE, "type %u: 0x%" PRIx64 " is not a multiple of 4", r->type,
			    v);
	v = field_of(f, v, (big ? get_be : get_le)(r->at, f->bytes));
	(big ? put_be : put_le)(r->at, v, f->bytes);
	return 0;
}

static int apply(const struct link_reloc *r, bool big, struct err *err)
{
	if (r->type == R_PPC64_NONE || r->type == ENTRY)
		return 0;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (fields[i].type == r->type)
			return apply_field(r, &fields[i], big, err);
	return fail(err, ENOTSUP, "type %u is not known for ppc64", r->type);
}

static int apply_little(const struct link_reloc *r, struct err *err)
{
	return apply(r, false, err);
}

static int apply_big(const struct link_reloc *r, struct err *err)
{
	return apply(r, true, err);
}

const struct link_rules ppc64le_link_rules = {
	.machine = EM_PPC64, .apply = apply_little, .base_symbol = ".TOC."};
const struct link_rules ppc64_link_rules = {
	.machine = EM_PPC64, .big = true, .apply = apply_big, .base_symbol = ".TOC."};
