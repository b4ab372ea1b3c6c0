/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/arm/reloc.h"

#include <inttypes.h>

#include "base/put.h"

/* How a value stands in its 32-bit word. */
enum form { FORM_NOTHING, FORM_WORD, FORM_WORD31, FORM_BRANCH, FORM_LOW16, FORM_HIGH16 };

static const struct field {
	uint32_t type;
	enum form form;
	bool relative;
} fields[] = {
	{R_ARM_NONE, FORM_NOTHING, false},
	{R_ARM_V4BX, FORM_NOTHING, false}, /* marks a BX: every ARMv7 has it */
	{R_ARM_ABS32, FORM_WORD, false},
	{R_ARM_TARGET1, FORM_WORD, false},
	{R_ARM_REL32, FORM_WORD, true},
	{R_ARM_PREL31, FORM_WORD31, true},
	{R_ARM_CALL, FORM_BRANCH, true},
	{R_ARM_JUMP24, FORM_BRANCH, true},
	{R_ARM_MOVW_ABS_NC, FORM_LOW16, false},
	{R_ARM_MOVT_ABS, FORM_HIGH16, false},
	{R_ARM_MOVW_PREL_NC, FORM_LOW16, true},
	{R_ARM_MOVT_PREL, FORM_HIGH16, true},
};

static int find(const struct link_reloc *r, const struct field **out, struct err *err)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (fields[i].type == r->type) {
			*out = &fields[i];
			if (fields[i].form != FORM_NOTHING && r->room < 4)
				return fail(err, EBADMSG, "type %u runs off its section", r->type);
			return 0;
		}
	return fail(err, ENOTSUP, "type %u is not known for arm", r->type);
}

static uint64_t extend(uint64_t v, unsigned bits)
{
	uint64_t top = UINT64_C(1) << (bits - 1);

	v &= 2 * top - 1;
	return (v ^ top) - top;
}

static int addend(const struct link_reloc *r, uint64_t *out, struct err *err)
{
	const struct field *f;
	int e = find(r, &f, err);

	*out = 0;
	if (e < 0 || f->form == FORM_NOTHING)
		return e;
	uint64_t word = get_le(r->at, 4);

	if (f->form == FORM_WORD)
		*out = extend(word, 32);
	else if (f->form == FORM_WORD31)
		*out = extend(word, 31);
	else if (f->form == FORM_BRANCH)
		*out = extend(word << 2, 26);
	else
		*out = extend((word >> 4 & 0xf000) | (word & 0xfff), 16);
	return 0;
}

static int out_of_range(const struct link_reloc *r, uint64_t v, struct err *err)
{
	return fail(err, ERANGE, "type %u: 0x%" PRIx64 " does not fit", r->type, v);
}

static int apply(const struct link_reloc *r, struct err *err)
{
	const struct field *f;
	int e = find(r, &f, err);

	if (e < 0 || f->form == FORM_NOTHING)
		return e;
	uint64_t v = f->relative ? r->value - r->place : r->value, old = get_le(r->at, 4);

	switch (f->form) {
	case FORM_WORD:
		if (v > UINT32_MAX && v != extend(v, 32))
			return out_of_range(r, v, err);
		put_le(r->at, v & UINT32_MAX, 4);
		break;
	case FORM_WORD31:
		if (v != extend(v, 31))
			return out_of_range(r, v, err);
		put_le(r->at, (old & 0x80000000) | (v & 0x7fffffff), 4);
		break;
	case FORM_BRANCH:
		/* Bits 1 and 0 would ask for Thumb code. */
		if (v != extend(v, 26) || v & 3)
			return out_of_range(r, v, err);
		put_le(r->at, (old & 0xff000000) | (v >> 2 & 0xffffff), 4);
		break;
	default:
		v = f->form == FORM_HIGH16 ? v >> 16 & 0xffff : v & 0xffff;
		put_le(r->at, (old & 0xfff0f000) | (v << 4 & 0xf0000) | (v & 0xfff), 4);
	}
	return 0;
}

const struct link_rules arm_link_rules = {
	.machine = EM_ARM,
	.elf32 = true,
	.apply = apply,
	.addend = addend,
};
