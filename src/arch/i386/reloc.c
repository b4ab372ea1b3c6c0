/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/i386/reloc.h"

#include <inttypes.h>

#include "base/put.h"

static const struct field {
	uint32_t type;
	unsigned bytes;
	bool relative;
} fields[] = {
	{R_386_32, 4, false},
	{R_386_PC32, 4, true},
	/* Without a PLT the call goes straight to the function. */
	{R_386_PLT32, 4, true},
	{R_386_16, 2, false},
	{R_386_PC16, 2, true},
	{R_386_8, 1, false},
	{R_386_PC8, 1, true},
};

/* Addresses have 32 bits, and so has what is added to them: 4 bytes always reach. */
static bool fits(const struct field *f, uint64_t v)
{
	uint64_t limit = UINT64_C(1) << 8 * f->bytes, half = limit / 2;

	if (f->bytes == 4 && f->relative)
		return v + limit < 2 * limit;
	return v + half < limit || (!f->relative && v < limit);
}

static int find(const struct link_reloc *r, const struct field **out, struct err *err)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (fields[i].type == r->type) {
			*out = &fields[i];
			return r->room >= fields[i].bytes
				       ? 0
				       : fail(err, EBADMSG, "type %u runs off its section",
					      r->type);
		}
	return fail(err, ENOTSUP, "type %u is not known for i386", r->type);
}

static int apply(const struct link_reloc *r, struct err *err)
{
	const struct field *f;
	uint64_t v;

	if (r->type == R_386_NONE)
		return 0;
	int e = find(r, &f, err);

	if (e)
		return e;
	v = f->relative ? r->value - r->place : r->value;
	if (!fits(f, v))
		return fail(err, ERANGE, "type %u: 0x%" PRIx64 " does not fit %u bytes", r->type, v,
			    f->bytes);
	put_le(r->at, v, f->bytes);
	return 0;
}

static int addend(const struct link_reloc *r, uint64_t *out, struct err *err)
{
	const struct field *f;

	*out = 0;
	if (r->type == R_386_NONE)
		return 0;
	int e = find(r, &f, err);

	if (e)
		return e;
	uint64_t sign = UINT64_C(1) << (8 * f->bytes - 1);

	*out = (get_le(r->at, f->bytes) ^ sign) - sign;
	return 0;
}

const struct link_rules i386_link_rules = {
	.machine = EM_386, .elf32 = true, .apply = apply, .addend = addend};
