/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/arm64/reloc.h"

#include <inttypes.h>

#include "base/put.h"

/* Numbers of aaelf64, tables 5.7.4 to 5.7.9. */
enum {
	R_NONE = 0,
	R_NONE_OLD = 256,
	R_ABS64 = 257,
	R_ABS32,
	R_ABS16,
	R_PREL64,
	R_PREL32,
	R_PREL16,
	R_MOVW_UABS_G0,
	R_MOVW_UABS_G0_NC,
	R_MOVW_UABS_G1,
	R_MOVW_UABS_G1_NC,
	R_MOVW_UABS_G2,
	R_MOVW_UABS_G2_NC,
	R_MOVW_UABS_G3,
	R_LD_PREL_LO19 = 273,
	R_ADR_PREL_LO21,
	R_ADR_PREL_PG_HI21,
	R_ADR_PREL_PG_HI21_NC,
	R_ADD_ABS_LO12_NC,
	R_LDST8_ABS_LO12_NC,
	R_TSTBR14,
	R_CONDBR19,
	R_JUMP26 = 282,
	R_CALL26,
	R_LDST16_ABS_LO12_NC,
	R_LDST32_ABS_LO12_NC,
	R_LDST64_ABS_LO12_NC,
	R_LDST128_ABS_LO12_NC = 299,
	R_PLT32 = 314,
};

/* What is put in, and what of it must be representable. */
enum from { ABSOLUTE, RELATIVE, PAGE_RELATIVE };
enum reach { REACH_ANY, REACH_UNSIGNED, REACH_SIGNED, REACH_EITHER };

/*
 * The value without its low @shift bits, which must be zero where @aligned says so, goes into
 * @width bits from bit @at on. In an instruction, that is; a datum takes all of its bytes.
 */
static const struct field {
	uint16_t type;
	uint8_t from, reach, width, shift, at;
	bool aligned, datum;
} fields[] = {
	{R_ABS64, ABSOLUTE, REACH_ANY, 64, 0, 0, false, true},
	{R_ABS32, ABSOLUTE, REACH_EITHER, 32, 0, 0, false, true},
	{R_ABS16, ABSOLUTE, REACH_EITHER, 16, 0, 0, false, true},
	{R_PREL64, RELATIVE, REACH_ANY, 64, 0, 0, false, true},
	{R_PREL32, RELATIVE, REACH_EITHER, 32, 0, 0, false, true},
	{R_PREL16, RELATIVE, REACH_EITHER, 16, 0, 0, false, true},
	{R_PLT32, RELATIVE, REACH_SIGNED, 32, 0, 0, false, true},
	{R_MOVW_UABS_G0, ABSOLUTE, REACH_UNSIGNED, 16, 0, 5, false, false},
	{R_MOVW_UABS_G0_NC, ABSOLUTE, REACH_ANY, 16, 0, 5, false, false},
	{R_MOVW_UABS_G1, ABSOLUTE, REACH_UNSIGNED, 16, 16, 5, false, false},
	{R_MOVW_UABS_G1_NC, ABSOLUTE, REACH_ANY, 16, 16, 5, false, false},
	{R_MOVW_UABS_G2, ABSOLUTE, REACH_UNSIGNED, 16, 32, 5, false, false},
	{R_MOVW_UABS_G2_NC, ABSOLUTE, REACH_ANY, 16, 32, 5, false, false},
	{R_MOVW_UABS_G3, ABSOLUTE, REACH_ANY, 16, 48, 5, false, false},
	{R_LD_PREL_LO19, RELATIVE, REACH_SIGNED, 19, 2, 5, true, false},
	{R_ADD_ABS_LO12_NC, ABSOLUTE, REACH_ANY, 12, 0, 10, false, false},
	{R_LDST8_ABS_LO12_NC, ABSOLUTE, REACH_ANY, 12, 0, 10, false, false},
	{R_LDST16_ABS_LO12_NC, ABSOLUTE, REACH_ANY, 11, 1, 10, true, false},
	{R_LDST32_ABS_LO12_NC, ABSOLUTE, REACH_ANY, 10, 2, 10, true, false},
	{R_LDST64_ABS_LO12_NC, ABSOLUTE, REACH_ANY, 9, 3, 10, true, false},
	{R_LDST128_ABS_LO12_NC, ABSOLUTE, REACH_ANY, 8, 4, 10, true, false},
	{R_TSTBR14, RELATIVE, REACH_SIGNED, 14, 2, 5, true, false},
	{R_CONDBR19, RELATIVE, REACH_SIGNED, 19, 2, 5, true, false},
	{R_JUMP26, RELATIVE, REACH_SIGNED, 26, 2, 0, true, false},
	{R_CALL26, RELATIVE, REACH_SIGNED, 26, 2, 0, true, false},
	/* ADR and ADRP keep the two low bits apart: put_adr(). */
	{R_ADR_PREL_LO21, RELATIVE, REACH_SIGNED, 21, 0, 5, false, false},
	{R_ADR_PREL_PG_HI21, PAGE_RELATIVE, REACH_SIGNED, 21, 12, 5, false, false},
	{R_ADR_PREL_PG_HI21_NC, PAGE_RELATIVE, REACH_ANY, 21, 12, 5, false, false},
};

static bool fits(uint64_t v, unsigned bits, enum reach reach)
{
	if (reach == REACH_ANY || bits >= 64)
		return true;
	uint64_t limit = UINT64_C(1) << bits, half = limit / 2;
	bool as_unsigned = v < limit, as_signed = v + half < limit;

	return (reach != REACH_SIGNED && as_unsigned) || (reach != REACH_UNSIGNED && as_signed);
}

static uint64_t value_of(const struct field *f, const struct link_reloc *r)
{
	const uint64_t page = ~UINT64_C(0xfff);

	switch ((enum from)f->from) {
	case ABSOLUTE:
		return r->value;
	case RELATIVE:
		return r->value - r->place;
	default:
		return (r->value & page) - (r->place & page);
	}
}

static bool is_adr(const struct field *f)
{
	return f->type == R_ADR_PREL_LO21 || f->type == R_ADR_PREL_PG_HI21 ||
	       f->type == R_ADR_PREL_PG_HI21_NC;
}

/* ADR, ADRP: immlo in bits 30:29, immhi in 23:5 (DDI 0487, C6.2.10). */
static uint64_t put_adr(uint64_t insn, uint64_t v)
{
	const uint64_t mask = UINT64_C(3) << 29 | UINT64_C(0x7ffff) << 5;

	return (insn & ~mask) | (v & 3) << 29 | (v >> 2 & 0x7ffff) << 5;
}

static int apply_field(const struct field *f, const struct link_reloc *r, struct err *err)
{
	uint64_t v = value_of(f, r), shifted = v >> f->shift;
	unsigned bytes = f->datum ? f->width / 8u : 4;
	uint64_t mask = f->width == 64 ? UINT64_MAX : (UINT64_C(1) << f->width) - 1;

	if (r->room < bytes)
		return fail(err, EBADMSG, "type %u runs off its section", r->type);
	if (!fits(v, f->width + f->shift, f->reach) ||
	    (f->aligned && v & ((UINT64_C(1) << f->shift) - 1)))
		return fail(err, ERANGE, "type %u: 0x%" PRIx64 " does not fit %u bits", r->type, v,
			    f->width);
	if (f->datum)
		put_le(r->at, v, bytes);
	else if (is_adr(f))
		put_le(r->at, put_adr(get_le(r->at, 4), shifted), 4);
	else
		put_le(r->at, (get_le(r->at, 4) & ~(mask << f->at)) | (shifted & mask) << f->at, 4);
	return 0;
}

static int apply(const struct link_reloc *r, struct err *err)
{
	if (r->type == R_NONE || r->type == R_NONE_OLD)
		return 0;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (fields[i].type == r->type)
			return apply_field(&fields[i], r, err);
	return fail(err, ENOTSUP, "type %u is not known for arm64", r->type);
}

const struct link_rules arm64_link_rules = {.machine = EM_AARCH64, .apply = apply};
