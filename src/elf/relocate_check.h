/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the tests of the relocation engine: rules, a kernel of relocate_fixture.h, its moves.
 */
#pragma once
#include "core/unit.h"
#include "elf/relocate.h"
#include "elf/relocate_fixture.h"

#define MIB UINT64_C(0x100000)
/* Like x86_64: what the tests need of it, and R_X86_64_RELATIVE. */
static inline bool absolute_moves(const char *name)
{
	return !strcmp(name, "_end");
}

static inline bool per_cpu_moves(const char *name)
{
	return !strcmp(name, "__per_cpu_load");
}

static const struct reloc_field fields[] = {
	{R_X86_64_NONE, RELOC_FIXED, 0, REACH_WRAPS},
	{R_X86_64_64, RELOC_ADDRESS, 8, REACH_WRAPS},
	{R_X86_64_32, RELOC_ADDRESS, 4, REACH_UNSIGNED},
	{R_X86_64_32S, RELOC_ADDRESS, 4, REACH_SIGNED},
	{R_X86_64_PC32, RELOC_DISTANCE, 4, REACH_SIGNED},
	{R_X86_64_16, RELOC_FIXED, 2, REACH_WRAPS},
	{R_X86_64_RELATIVE, RELOC_BASE, 8, REACH_WRAPS},
};
static const struct reloc_field fields32[] = {
	{R_386_32, RELOC_ADDRESS, 4, REACH_WRAPS},
	{R_386_RELATIVE, RELOC_BASE, 4, REACH_WRAPS},
};
static const struct relocate_rules rules = {
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(*fields),
	.absolute_moves = absolute_moves,
	.per_cpu_moves = per_cpu_moves,
	.physical_free = true,
	.list = true,
	.align = 2 * MIB,
	.virt_start = UINT64_C(0xffffffff80000000),
	.virt_end = UINT64_C(0xffffffffc0000000),
	.phys_end = UINT64_C(1) << 46,
};
static const struct relocate_rules rules32 = {
	.fields = fields32,
	.nfields = sizeof(fields32) / sizeof(*fields32),
	.one_delta = true,
	.list = true,
	.align = 0x2000,
	.virt_end = UINT64_C(0xf8000000),
	.phys_end = UINT64_C(1) << 32,
};
static const struct relocate_rules rules_got = {.fields = fields,
						.nfields = sizeof(fields) / sizeof(*fields),
						.follows = true,
						.got = true,
						.align = 0x4000};

/* dv of the moves below; dp differs, so that the two cannot be mistaken for each other. */
#define DV (4 * MIB)
#define DP (32 * MIB)
static const struct relocate_request there = {RFX_PHYS + DP, true, RFX_VIRT + DV};
static const struct relocate_request home = {RFX_PHYS, true, RFX_VIRT};

struct fx {
	struct rfx k;
	struct buf file;
	struct relocate_result res;
	struct err err;
};

static inline int setup(void **state)
{
	struct fx *f = calloc(1, sizeof(*f));

	*state = f;
	rfx_init(&f->k, false, false);
	return 0;
}

static inline int teardown(void **state)
{
	struct fx *f = *state;

	buf_done(&f->file);
	free(f);
	return 0;
}

static inline int move_by(struct fx *f, const struct relocate_rules *r,
			  const struct relocate_request *req)
{
	f->err = (struct err)ERR_INIT;
	f->res = (struct relocate_result){RELOCATE_NONE};
	return relocate_kernel(&f->file, r, req, &f->res, &f->err);
}

static inline void write_file(struct fx *f)
{
	f->file.len = 0;
	rfx_write(&f->k, &f->file);
}

/* Writes the fixture, moves it there, home, and there once more, where it stays. */
static inline void there_and_back(struct fx *f)
{
	struct buf original = BUF_INIT;

	write_file(f);
	assert_int_equal(buf_add(&original, f->file.ptr, f->file.len), 0);
	assert_int_equal(move_by(f, &rules, &there), 0);
	assert_int_equal(move_by(f, &rules, &home), 0);
	assert_int_equal(original.len, f->file.len);
	assert_memory_equal(original.ptr, f->file.ptr, f->file.len);
	assert_int_equal(move_by(f, &rules, &there), 0);
	buf_done(&original);
}

static inline void refused(struct fx *f, const struct relocate_request *req, int code,
			   const char *why)
{
	write_file(f);
	assert_int_equal(move_by(f, &rules, req), code);
	assert_non_null(strstr(f->err.text, why));
}

/* A field of .text with a relocation of @type against @sym. */
static inline unsigned field(struct fx *f, uint32_t type, uint32_t sym, uint64_t value,
			     unsigned bytes)
{
	unsigned at = rfx_add(&f->k, RFX_TEXT, value, bytes);

	rfx_reloc(&f->k, RFX_RELA, rfx_at(&f->k, RFX_TEXT, at), type, sym, 0);
	return at;
}

static inline uint64_t text(const struct fx *f, unsigned at, unsigned bytes)
{
	return rfx_get(&f->k, &f->file, RFX_TEXT, at, bytes);
}

/* The n-th symbol's value. */
static inline uint64_t symbol(const struct fx *f, unsigned table, uint32_t n)
{
	return rfx_get(&f->k, &f->file, table, n * ELF64_SYM_SIZE + 8, 8);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
