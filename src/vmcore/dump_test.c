/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "elf/note.h"
#include "elf/writer.h"
#include "vmcore/dump.h"
#include "vmcore/testcore.h"

/* Segments of one file, and its bytes: no two pages of it are the same. */
static uint8_t byte_at(uint64_t i)
{
	return (uint8_t)(i * 7 + i / 256 * 13);
}

struct made {
	struct buf file;
	struct span bytes;
	struct dump d;
};

static int make(struct made *m, const struct elf_phdr *p, uint32_t n, size_t len, struct err *err)
{
	struct elf e = {.type = ET_CORE, .machine = EM_X86_64, .phoff = 64, .phnum = n};

	*m = (struct made){.file = BUF_INIT};
	assert_int_equal(elf_put_header(&m->file, &e), 0);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(elf_put_phdr(&m->file, &e, &p[i]), 0);
	while (m->file.len < len) {
		uint8_t b = byte_at(m->file.len);

		assert_int_equal(buf_add(&m->file, &b, 1), 0);
	}
	m->bytes = buf_span(&m->file);
	struct elf_io io = {core_read_at, &m->bytes, m->bytes.len};

	return dump_open(&io, &m->d, err);
}

static void drop(struct made *m)
{
	dump_done(&m->d);
	buf_done(&m->file);
}

static bool shows(const uint8_t *buf, size_t len, uint64_t off)
{
	for (size_t i = 0; i < len; i++)
		if (buf[i] != byte_at(off + i))
			return false;
	return true;
}

static void memory_is_found_by_both_addresses(void **state)
{
	(void)state;
	static const struct elf_phdr p[] = {
		{PT_LOAD, 7, 1000, 0xffffffff81000000, 0x2000, 0x800, 0x800,
		 0}, /* text, in the next too */
		{PT_LOAD, 7, 5000, 0xffff888000001000, 0x1000, 0x1000, 0x1000, 0},
		{PT_LOAD, 7, 1000, 0xffff888000002000, 0x2000, 0x800, 0x1000,
		 0}, /* half its memory left out */
		{PT_LOAD, 7, 12000, UINT64_MAX, 0x9000, 0x100, 0x100, 0},
	};
	struct err err = ERR_INIT;
	uint8_t buf[0x1800];
	struct made m;

	assert_int_equal(make(&m, p, 4, 16384, &err), 0);
	assert_int_equal(dump_read_pa(&m.d, 0x1100, buf, 0x100), 0);
	assert_true(shows(buf, 0x100, 5256));
	/* Across two segments that do not follow each other in the file. */
	assert_int_equal(dump_read_pa(&m.d, 0x1000, buf, 0x1800), 0);
	assert_true(shows(buf, 0x1000, 5000) && shows(buf + 0x1000, 0x800, 1000));
	assert_int_equal(dump_read_va(&m.d, 0xffff888000001800, buf, 0x1000), 0);
	assert_true(shows(buf, 0x800, 5000 + 0x800) && shows(buf + 0x800, 0x800, 1000));
	assert_int_equal(dump_read_va(&m.d, 0xffffffff81000010, buf, 16), 0);
	assert_true(shows(buf, 16, 1016));
	assert_int_equal(dump_read_pa(&m.d, 0x9000, buf, 0x100), 0);

	assert_int_equal(dump_read_pa(&m.d, 0x2000, buf, 0x801), -ENODATA);
	assert_int_equal(dump_read_pa(&m.d, 0xfff, buf, 1), -ENODATA);
	assert_int_equal(dump_read_pa(&m.d, 0x9100, buf, 1), -ENODATA);
	assert_int_equal(dump_read_va(&m.d, 0xffff888000000fff, buf, 1), -ENODATA);
	assert_int_equal(dump_read_va(&m.d, UINT64_MAX, buf, 1), -ENODATA);
	drop(&m);
}

static void overlaps_are_cut(void **state)
{
	(void)state;
	static const struct elf_phdr p[] = {
		{PT_LOAD, 7, 5000, 0, 0x1000, 0x1000, 0x1000, 0},
		{PT_LOAD, 7, 1000, 0x1000000, 0x1800, 0x1000, 0x1000, 0},
	};
	struct err err = ERR_INIT;
	struct made m;
	uint8_t buf[0x1800];

	assert_int_equal(make(&m, p, 2, 16384, &err), 0);
	assert_int_equal(dump_read_pa(&m.d, 0x1000, buf, 0x1800), 0);
	assert_true(shows(buf, 0x1000, 5000) && shows(buf + 0x1000, 0x800, 1000 + 0x800));
	assert_int_equal(m.d.by_pa.v[1].pa, 0x2000);
	drop(&m);
}

static void headers_that_lie_are_left_out(void **state)
{
	(void)state;
	/* The second is what kexec-tools 2.0.25 writes on Debian 12's arm64: 18 EiB. */
	static const struct elf_phdr p[] = {
		{PT_LOAD, 7, 1000, 0, 0x1000, 0x100, 0x100, 0},
		{PT_LOAD, 7, 0, UINT64_MAX, 0x246284c00000, 0xffffdb9dbd0a0000, 0xffffdb9dbd0a0000,
		 0},
		{PT_LOAD, 7, 2000, 0, 0xfffffffffffff000, 0x2000, 0x2000, 0},
		{PT_LOAD, 7, 0, UINT64_MAX, 0x100000, 1ull << 63, 1ull << 63, 0},
		{PT_NOTE, 0, UINT64_MAX, 0, 0, 100, 100, 0},
		{PT_NOTE, 0, 1500, 0x5000, 0x5000, 100, 100, 0},
	};
	struct err err = ERR_INIT;
	struct made m;
	uint8_t b;

	assert_int_equal(make(&m, p, 6, 4096, &err), 0);
	/* Notes are no memory, whatever addresses they have. */
	assert_int_equal(dump_read_pa(&m.d, 0x5000, &b, 1), -ENODATA);
	assert_int_equal(dump_read_va(&m.d, 0x5000, &b, 1), -ENODATA);
	assert_int_equal(m.d.bad_loads, 3);
	assert_true(m.d.notes_damaged);
	assert_int_equal(m.d.end, 1256);
	assert_int_equal(dump_read_pa(&m.d, 0x1000, &b, 1), 0);
	drop(&m);
}

static void what_is_no_core_is_said(void **state)
{
	(void)state;
	struct testcore *c = core_new(false, false);
	struct buf file = core_file(c);
	struct span bytes = buf_span(&file);
	struct elf_io io = {core_read_at, &bytes, bytes.len};
	struct err err = ERR_INIT;
	struct dump d;

	file.ptr[0x10] = ET_EXEC;
	assert_int_equal(dump_open(&io, &d, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "type 2, not a core"));
	file.ptr[0] = 0;
	assert_int_equal(dump_open(&io, &d, &err), -ENOEXEC);
	assert_non_null(strstr(err.text, "no ELF core"));
	io.size = bytes.len = 0;
	assert_int_equal(dump_open(&io, &d, &err), -ENOEXEC);
	buf_done(&file);
	core_done(c);
}

static void notes_are_listed(void **state)
{
	(void)state;
	struct testcore *c = core_new(false, true);
	uint64_t v;

	c->cpus = 3;
	core_key(c, "NUMBER(x)=-2");
	struct buf file = core_file(c);
	struct span bytes = buf_span(&file);
	struct elf_io io = {core_read_at, &bytes, bytes.len};
	struct err err = ERR_INIT;
	struct dump d;

	assert_int_equal(dump_open(&io, &d, &err), 0);
	assert_int_equal(d.notes.n, 4);
	assert_string_equal(d.notes.v[2].name, "CORE");
	assert_int_equal(d.notes.v[2].type, NT_PRSTATUS);
	assert_string_equal(d.notes.v[3].name, "VMCOREINFO");
	assert_true(dump_key(&d, "NUMBER(x)", &v) && v == (uint64_t)-2);
	assert_false(d.notes_damaged || d.incomplete);
	dump_done(&d);

	/* The third note claims 4 GiB; the first two stay. */
	memset(file.ptr + 4096 + 2 * (12 + 8 + 64) + 4, 0xff, 4);
	assert_int_equal(dump_open(&io, &d, &err), 0);
	assert_int_equal(d.notes.n, 2);
	assert_true(d.notes_damaged);
	dump_done(&d);
	buf_done(&file);
	core_done(c);
}

/*
 * Page tables of 4 and 5 levels at offsets of mem: the top one at 0x1000, the next behind it; one
 * huge page of each size and one small one. The root is found through phys_base.
 */
static void page_tables_are_walked(void **state)
{
	(void)state;
	enum { PRESENT = 1, HUGE = 0x80, TOP = 0x1000 };
	const uint64_t sme = 1ull << 47; /* AMD: this page is encrypted, no part of the address */

	for (unsigned levels = 4; levels <= 5; levels++) {
		struct testcore *c = core_new(false, false);
		uint64_t table = TOP, pa,
			 va = levels == 5 ? 0xffd4000000000000 : 0xffffc90000000000;
		struct err err = ERR_INIT;
		struct dump d;

		core_key(c, "SYMBOL(init_top_pgt)=%llx", 0xffffffff81000000ull + TOP);
		core_key(c, "NUMBER(phys_base)=%lld", (long long)CORE_PA - 0x1000000);
		core_key(c, "NUMBER(pgtable_l5_enabled)=%u", levels == 5);
		core_key(c, "NUMBER(sme_mask)=%llu", (unsigned long long)sme);
		for (unsigned level = levels; level > 1; level--, table += 0x1000)
			core_put(c, table + (va >> (12 + 9 * (level - 1)) & 511) * 8,
				 (CORE_PA + table + 0x1000) | PRESENT | sme, 8);
		core_put(c, table, 0xabc000ull | PRESENT | sme | 1ull << 63, 8);
		core_put(c, table - 0x1000 + 8, 0x40000000ull | PRESENT | HUGE, 8);
		core_put(c, table - 0x2000 + 8, 0x80000000ull | PRESENT | HUGE, 8);

		struct buf file = core_file(c);
		struct span bytes = buf_span(&file);
		struct elf_io io = {core_read_at, &bytes, bytes.len};

		assert_int_equal(dump_open(&io, &d, &err), 0);
		assert_int_equal(dump_translate(&d, va + 0x123, &pa), 0);
		assert_int_equal(pa, 0xabc123);
		assert_int_equal(dump_translate(&d, va + (2 << 20) + 0x12345, &pa), 0);
		assert_int_equal(pa, 0x40012345);
		assert_int_equal(dump_translate(&d, va + (1 << 30) + 0x1234567, &pa), 0);
		assert_int_equal(pa, 0x81234567);
		assert_int_equal(dump_translate(&d, va + 0x1000, &pa), -ENODATA);
		assert_int_equal(dump_translate(&d, va - 0x1000, &pa), -ENODATA);
		assert_int_equal(dump_translate(&d, 0xffffffff81000010, &pa), 0);
		assert_int_equal(pa, CORE_PA + 0x10);
		dump_done(&d);
		buf_done(&file);
		core_done(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_found_by_both_addresses),
		cmocka_unit_test(overlaps_are_cut),
		cmocka_unit_test(headers_that_lie_are_left_out),
		cmocka_unit_test(what_is_no_core_is_said),
		cmocka_unit_test(notes_are_listed),
		cmocka_unit_test(page_tables_are_walked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
