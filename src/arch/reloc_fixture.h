/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of relocations, each judged by a CPU's rules. Included by its reloc_test.c alone. */
#pragma once
#include "core/unit.h"

#include <string.h>

#include "base/put.h"
#include "elf/link.h"

#define NEG(n) ((uint64_t) - (int64_t)(n))

/* Where the image lies that the fields are in, for the types that count from there. */
#define RELOC_BASE UINT64_C(0x20000000)

struct reloc_row {
	uint32_t type;
	uint64_t place, value; /* less the addend in the field, where a CPU keeps it there */
	int result;
	unsigned bytes;         /* of the field */
	uint64_t before, after; /* the field; of a row that is refused it stays as before */
	uint8_t other;          /* st_other of the symbol */
};

static inline int reloc_apply(const struct link_rules *rules, struct link_reloc *r, struct err *err)
{
	uint64_t addend = 0;
	int e = rules->addend ? rules->addend(r, &addend, err) : 0;

	r->value += addend;
	return e ? e : rules->apply(r, err);
}

/* A field that ends behind its section is written in no part. */
static inline void reloc_runs_off(const struct link_rules *rules, struct link_reloc r,
				  unsigned bytes)
{
	uint64_t addend;
	uint8_t was[8];
	struct err err = ERR_INIT;

	memcpy(was, r.at, bytes);
	r.room = bytes - 1;
	assert_int_equal(rules->apply(&r, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "runs off its section"));
	if (rules->addend)
		assert_int_equal(rules->addend(&r, &addend, &err), -EBADMSG);
	assert_memory_equal(r.at, was, bytes);
}

/* Each row writes its field and no byte more, or is refused as it says. */
static inline void reloc_judge(const struct link_rules *rules, const struct reloc_row *rows,
			       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct reloc_row *w = &rows[i];
		uint8_t at[9];
		struct err err = ERR_INIT;
		struct link_reloc r = {w->type,    w->place,   w->value, at,
				       sizeof(at), RELOC_BASE, w->other};

		print_message("row %zu, type %u\n", i, w->type);
		memset(at, 0xaa, sizeof(at));
		(rules->big ? put_be : put_le)(at, w->before, w->bytes);
		assert_int_equal(reloc_apply(rules, &r, &err), w->result);
		assert_int_equal(err.code, -w->result);
		assert_int_equal((rules->big ? get_be : get_le)(at, w->bytes),
				 w->result ? w->before : w->after);
		for (unsigned b = w->bytes; b < sizeof(at); b++)
			assert_int_equal(at[b], 0xaa);
		if (!w->result && w->before != w->after)
			reloc_runs_off(rules, r, w->bytes);
	}
}

/* A type that @rules do not know is refused by its number, its field not looked at. */
static inline void reloc_unknown(const struct link_rules *rules, uint32_t type, const char *text)
{
	struct err err = ERR_INIT;
	struct link_reloc r = {.type = type};

	assert_int_equal(rules->apply(&r, &err), -ENOTSUP);
	assert_string_equal(err.text, text);
}
