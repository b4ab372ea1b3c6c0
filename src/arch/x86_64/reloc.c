/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/x86_64/reloc.h"

#include <inttypes.h>

#include "base/put.h"

enum reach { REACH_UNSIGNED, REACH_SIGNED, REACH_EITHER };

static const struct field {
	uint32_t type;
	unsigned bytes;
	bool relative;
	enum reach reach;
} fields[] = {
	{R_X86_64_64, 8, false, REACH_EITHER},
	{R_X86_64_PC64, 8, true, REACH_EITHER},
	{R_X86_64_32, 4, false, REACH_UNSIGNED},
	{R_X86_64_32S, 4, false, REACH_SIGNED},
	{R_X86_64_PC32, 4, true, REACH_SIGNED},
	/* Without a PLT the call goes straight to the function. */
	{R_X86_64_PLT32, 4, true, REACH_SIGNED},
	{R_X86_64_16, 2, false, REACH_EITHER},
	{R_X86_64_PC16, 2, true, REACH_SIGNED},
	{R_X86_64_8, 1, false, REACH_EITHER},
	{R_X86_64_PC8, 1, true, REACH_SIGNED},
};

static bool fits(uint64_t v, unsigned bytes, enum reach reach)
{
	if (bytes == 8)
		return true;
	uint64_t limit = UINT64_C(1) << 8 * bytes, half = limit / 2;
	bool as_unsigned = v < limit, as_signed = v + half < limit;

	return (reach != REACH_SIGNED && as_unsigned) || (reach != REACH_UNSIGNED && as_signed);
}

static int apply(const struct link_reloc *r, struct err *err)
{
	if (r->type == R_X86_64_NONE)
		return 0;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		const struct field *f = &fields[i];
		uint64_t v = f->relative ? r->value - r->place : r->value;

		if (f->type != r->type)
			continue;
		if (r->room < f->bytes)
			return fail(err, EBADMSG, "type %u runs off its section", r->type);
		if (!fits(v, f->bytes, f->reach))
			return fail(err, ERANGE, "type %u: 0x%" PRIx64 " does not fit %u bytes",
				    r->type, v, f->bytes);
		put_le(r->at, v, f->bytes);
		return 0;
	}
	return fail(err, ENOTSUP, "type %u is not known for x86_64", r->type);
}

const struct link_rules x86_64_link_rules = {.machine = EM_X86_64, .apply = apply};
