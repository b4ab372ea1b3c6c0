/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/riscv64/reloc.h"

#include <inttypes.h>

#include "base/put.h"

/* Where the bits of an instruction's immediate go: bit @from of the value and @n bits above it to
 * bit @to of the field. */
struct slice {
	uint8_t from, n, to;
};

enum what { SKIP, STORE, ADD, SUB, IMMEDIATE, PAIR };

static const struct field {
	uint32_t type;
	enum what what;
	bool relative;
	unsigned bytes;
	unsigned bits; /* IMMEDIATE: of the value, its sign included; its lowest bit must be 0 */
	struct slice slices[8];
} fields[] = {
	{R_RISCV_NONE, .what = SKIP},
	/* A hint to linkers that shorten code. */
	{R_RISCV_RELAX, .what = SKIP},
	{R_RISCV_64, STORE, false, 8, 0, {{0}}},
	{R_RISCV_32, STORE, false, 4, 0, {{0}}},
	{R_RISCV_32_PCREL, STORE, true, 4, 0, {{0}}},
	/* Differences of two labels, as in the tables of a switch. */
	{R_RISCV_ADD8, ADD, false, 1, 0, {{0}}},
	{R_RISCV_ADD16, ADD, false, 2, 0, {{0}}},
	{R_RISCV_ADD32, ADD, false, 4, 0, {{0}}},
	{R_RISCV_ADD64, ADD, false, 8, 0, {{0}}},
	{R_RISCV_SUB8, SUB, false, 1, 0, {{0}}},
	{R_RISCV_SUB16, SUB, false, 2, 0, {{0}}},
	{R_RISCV_SUB32, SUB, false, 4, 0, {{0}}},
	{R_RISCV_SUB64, SUB, false, 8, 0, {{0}}},
	{R_RISCV_BRANCH, IMMEDIATE, true, 4, 13, {{12, 1, 31}, {5, 6, 25}, {1, 4, 8}, {11, 1, 7}}},
	{R_RISCV_JAL, IMMEDIATE, true, 4, 21, {{20, 1, 31}, {1, 10, 21}, {11, 1, 20}, {12, 8, 12}}},
	{R_RISCV_RVC_BRANCH,
	 IMMEDIATE,
	 true,
	 2,
	 9,
	 {{8, 1, 12}, {3, 2, 10}, {6, 2, 5}, {1, 2, 3}, {5, 1, 2}}},
	{R_RISCV_RVC_JUMP,
	 IMMEDIATE,
	 true,
	 2,
	 12,
	 {{11, 1, 12},
	  {4, 1, 11},
	  {8, 2, 9},
	  {10, 1, 8},
	  {6, 1, 7},
	  {7, 1, 6},
	  {1, 3, 3},
	  {5, 1, 2}}},
	/* The upper 20 bits in an auipc; the sign of the lower 12 is added to them. */
	{R_RISCV_PCREL_HI20, PAIR, true, 4, 0, {{12, 20, 12}}},
	/* Of these two, link.c gives place and value of the auipc's relocation. */
	{R_RISCV_PCREL_LO12_I, PAIR, true, 4, 0, {{0, 12, 20}}},
	{R_RISCV_PCREL_LO12_S, PAIR, true, 4, 0, {{5, 7, 25}, {0, 5, 7}}},
	/* An auipc and a jalr; without a PLT the call goes straight to the function. */
	{R_RISCV_CALL, PAIR, true, 8, 0, {{12, 20, 12}, {0, 12, 52}}},
	{R_RISCV_CALL_PLT, PAIR, true, 8, 0, {{12, 20, 12}, {0, 12, 52}}},
};

static bool fits_signed(uint64_t v, unsigned bits)
{
	return v + (UINT64_C(1) << (bits - 1)) < UINT64_C(1) << bits;
}

static uint64_t insert(uint64_t into, const struct slice *slices, uint64_t v)
{
	for (size_t i = 0; i < 8 && slices[i].n; i++) {
		uint64_t mask = (UINT64_C(1) << slices[i].n) - 1;

		into &= ~(mask << slices[i].to);
		into |= (v >> slices[i].from & mask) << slices[i].to;
	}
	return into;
}

/* An absolute 32-bit field may hold an address or a signed number. */
static bool storable(const struct field *f, uint64_t v)
{
	return f->bytes == 8 || fits_signed(v, 8 * f->bytes) || (!f->relative && !(v >> 32));
}

/* The whole field as it becomes; false where @v does not fit. */
static bool make(const struct field *f, uint64_t have, uint64_t v, uint64_t *out)
{
	const uint64_t half = 0x800; /* what the lower 12 bits may add to or take from the upper */
	uint64_t low;

	switch (f->what) {
	case ADD:
		*out = have + v;
		return true;
	case SUB:
		*out = have - v;
		return true;
	case STORE:
		*out = v;
		return storable(f, v);
	case IMMEDIATE:
		*out = insert(have, f->slices, v);
		return fits_signed(v, f->bits) && !(v & 1);
	default:
		low = ((v & 0xfff) ^ half) - half;
		/* Both halves at once: 20 bits that make up for the sign, and 12 bits. */
		*out = insert(have, f->slices, (v - low) | (low & 0xfff));
		return fits_signed(v + half, 32);
	}
}

static int apply(const struct link_reloc *r, struct err *err)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		const struct field *f = &fields[i];
		uint64_t v = f->relative ? r->value - r->place : r->value, out;

		if (f->type != r->type)
			continue;
		if (f->what == SKIP)
			return 0;
		if (r->room < f->bytes)
			return fail(err, EBADMSG, "type %u runs off its section", r->type);
		if (!make(f, get_le(r->at, f->bytes), v, &out))
			return fail(err, ERANGE, "type %u: 0x%" PRIx64 " does not fit", r->type, v);
		put_le(r->at, out, f->bytes);
		return 0;
	}
	return fail(err, ENOTSUP, "type %u is not known for riscv64", r->type);
}

static uint32_t first_half(uint32_t type)
{
	return type == R_RISCV_PCREL_LO12_I || type == R_RISCV_PCREL_LO12_S ? R_RISCV_PCREL_HI20
									    : 0;
}

const struct link_rules riscv64_link_rules = {
	.machine = EM_RISCV, .apply = apply, .first_half = first_half};
