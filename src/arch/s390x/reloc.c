/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/s390x/reloc.h"

#include <inttypes.h>

#include "base/put.h"

/* Newer than some <elf.h>. */
enum { PC12DBL = 62, PLT12DBL = 63, PC24DBL = 64, PLT24DBL = 65 };

enum kind {
	DIRECT, /* signed or unsigned, as the program meant it */
	RELATIVE,
	HALFWORDS, /* relative, counted in halfwords */
};

/* Fields of 12 bits are the low ones of two bytes. Without a PLT a call goes to the function. */
static const struct field {
	uint32_t type;
	unsigned bytes, bits;
	enum kind kind;
} fields[] = {
	{R_390_8, 1, 8, DIRECT},           {R_390_12, 2, 12, DIRECT},
	{R_390_16, 2, 16, DIRECT},         {R_390_32, 4, 32, DIRECT},
	{R_390_64, 8, 64, DIRECT},         {R_390_PC16, 2, 16, RELATIVE},
	{R_390_PC32, 4, 32, RELATIVE},     {R_390_PLT32, 4, 32, RELATIVE},
	{R_390_PC64, 8, 64, RELATIVE},     {R_390_PLT64, 8, 64, RELATIVE},
	{PC12DBL, 2, 12, HALFWORDS},       {PLT12DBL, 2, 12, HALFWORDS},
	{R_390_PC16DBL, 2, 16, HALFWORDS}, {R_390_PLT16DBL, 2, 16, HALFWORDS},
	{PC24DBL, 3, 24, HALFWORDS},       {PLT24DBL, 3, 24, HALFWORDS},
	{R_390_PC32DBL, 4, 32, HALFWORDS}, {R_390_PLT32DBL, 4, 32, HALFWORDS},
};

static bool fits(uint64_t v, unsigned bits, bool sign)
{
	if (bits == 64)
		return true;
	uint64_t limit = UINT64_C(1) << bits;

	return v + limit / 2 < limit || (!sign && v < limit);
}

static int write_field(const struct link_reloc *r, const struct field *f, struct err *err)
{
	uint64_t v = f->kind == DIRECT ? r->value : r->value - r->place, mask = UINT64_MAX;

	if (r->room < f->bytes)
		return fail(err, EBADMSG, "type %u runs off its section", r->type);
	if (f->kind == HALFWORDS && v & 1)
		return fail(err, ERANGE, "type %u: 0x%" PRIx64 " is odd", r->type, v);
	/* One bit more reaches twice as far; the test of the whole distance keeps its sign. */
	if (!fits(v, f->kind == HALFWORDS ? f->bits + 1 : f->bits, f->kind != DIRECT))
		return fail(err, ERANGE, "type %u: 0x%" PRIx64 " does not fit %u bits", r->type, v,
			    f->bits);
	if (f->kind == HALFWORDS)
		v >>= 1;
	if (f->bits < 8 * f->bytes)
		mask = (UINT64_C(1) << f->bits) - 1;
	put_be(r->at, (get_be(r->at, f->bytes) & ~mask) | (v & mask), f->bytes);
	return 0;
}

static int apply(const struct link_reloc *r, struct err *err)
{
	if (r->type == R_390_NONE)
		return 0;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (fields[i].type == r->type)
			return write_field(r, &fields[i], err);
	return fail(err, ENOTSUP, "type %u is not known for s390x", r->type);
}

const struct link_rules s390x_link_rules = {.machine = EM_S390, .big = true, .apply = apply};
