/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/relocate_check.h"

static void list_word(struct fx *f, uint64_t v)
{
	uint8_t b[4];

	put_le(b, v, 4);
	assert_int_equal(buf_add(&f->file, b, 4), 0);
}

static uint64_t listed(const struct fx *f, unsigned n)
{
	return get_le(f->file.ptr + f->file.len - 4 * (size_t)(n + 1), 4);
}

/* A list of @parts: a word of 64 bits, a distance, a word of 32 bits in per-CPU data. */
static void write_list(struct fx *f, unsigned parts)
{
	write_file(f);
	list_word(f, 0);
	list_word(f, RFX_VIRT);
	if (parts == 3) {
		list_word(f, 0);
		list_word(f, RFX_VIRT + 8);
	}
	list_word(f, 0);
	list_word(f, RFX_VIRT + RFX_SEGMENT + 4);
}

static void appended(void **state)
{
	struct fx *f = *state;
	unsigned word = rfx_add(&f->k, RFX_TEXT, RFX_VIRT + 4, 8);
	unsigned distance = rfx_add(&f->k, RFX_TEXT, 0x7f000000, 4);

	rfx_add(&f->k, RFX_PERCPU, 0, 4);
	rfx_add(&f->k, RFX_PERCPU, 0x81000004, 4);
	for (unsigned parts = 2; parts <= 3; parts++) {
		struct buf original = BUF_INIT;

		write_list(f, parts);
		assert_int_equal(buf_add(&original, f->file.ptr, f->file.len), 0);
		assert_int_equal(move_by(f, &rules, &there), 0);
		assert_int_equal(f->res.source, RELOCATE_APPENDED);
		assert_int_equal(text(f, word, 8), RFX_VIRT + 4 + DV);
		assert_int_equal(text(f, distance, 4), 0x7f000000 - (parts == 3 ? DV : 0));
		assert_int_equal(rfx_get(&f->k, &f->file, RFX_PERCPU, 4, 4), 0x81000004 + DV);
		assert_int_equal(listed(f, 0), 0x81001004 + DV);
		assert_int_equal(listed(f, 1), 0);
		assert_int_equal(move_by(f, &rules, &home), 0);
		assert_memory_equal(original.ptr, f->file.ptr, f->file.len);
		buf_done(&original);
	}
}

static void damaged_lists(void **state)
{
	struct fx *f = *state;

	write_list(f, 2);
	f->file.len--;
	assert_int_equal(move_by(f, &rules, &there), -EBADMSG);
	assert_non_null(strstr(f->err.text, "no list of relocations"));
	write_file(f);
	list_word(f, 0);
	assert_int_equal(move_by(f, &rules, &there), -EBADMSG);
	write_list(f, 3);
	list_word(f, 0);
	assert_int_equal(move_by(f, &rules, &there), -EBADMSG);
	write_file(f);
	list_word(f, RFX_VIRT);
	list_word(f, 0);
	list_word(f, 0);
	assert_int_equal(move_by(f, &rules, &there), -EBADMSG);
	write_list(f, 2);
	list_word(f, RFX_VIRT + 0xbfd);
	assert_int_equal(move_by(f, &rules, &there), -EBADMSG);
	assert_non_null(strstr(f->err.text, "appended relocation at 0xffffffff81000bfd"));
}

/* The fixture's .rela.dyn, in a big-endian file. */
static void dynamic(void **state)
{
	struct fx *f = *state;
	unsigned filled, empty, number, crc, known;

	rfx_init(&f->k, false, true);
	filled = rfx_add(&f->k, RFX_DATA, RFX_VIRT + 4, 8);
	empty = rfx_add(&f->k, RFX_DATA, 0, 8);
	number = rfx_add(&f->k, RFX_DATA, 0xfffff000, 8);
	known = rfx_add(&f->k, RFX_DATA, RFX_VIRT + 0x201, 8);
	crc = rfx_add(&f->k, RFX_CRC, RFX_VIRT + 9, 8);
	uint32_t data = rfx_sym(&f->k, RFX_DYNSYM, "data", RFX_DATA, RFX_VIRT + 0x200);

	rfx_reloc(&f->k, RFX_DYN, rfx_at(&f->k, RFX_DATA, filled), R_X86_64_RELATIVE, 0,
		  RFX_VIRT + 4);
	rfx_reloc(&f->k, RFX_DYN, rfx_at(&f->k, RFX_DATA, empty), R_X86_64_RELATIVE, 0,
		  RFX_VIRT + 8);
	rfx_reloc(&f->k, RFX_DYN, rfx_at(&f->k, RFX_DATA, number), R_X86_64_RELATIVE, 0,
		  0xfffff000);
	rfx_reloc(&f->k, RFX_DYN, rfx_at(&f->k, RFX_CRC, crc), R_X86_64_RELATIVE, 0, RFX_VIRT + 9);
	rfx_reloc(&f->k, RFX_DYN, rfx_at(&f->k, RFX_DATA, known), R_X86_64_64, data, 1);
	there_and_back(f);
	assert_int_equal(f->res.source, RELOCATE_DYNAMIC);
	assert_int_equal(f->res.crcs, 1);
	assert_int_equal(f->res.numbers, 1);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DATA, filled, 8), RFX_VIRT + 4 + DV);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DATA, empty, 8), 0);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DATA, number, 8), 0xfffff000);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DATA, known, 8), RFX_VIRT + 0x201 + DV);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_CRC, crc, 8), RFX_VIRT + 9);
	/* Where, and what: of CRCs and numbers only where. */
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DYN, 24, 8), RFX_VIRT + 0x208 + DV);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DYN, 40, 8), RFX_VIRT + 8 + DV);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DYN, 64, 8), 0xfffff000);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DYN, 72, 8), RFX_VIRT + 0xa00 + DV);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DYN, 88, 8), RFX_VIRT + 9);
	assert_int_equal(symbol(f, RFX_DYNSYM, data), RFX_VIRT + 0x200 + DV);
}

/* Where a kernel without PT_DYNAMIC (ppc64) finds its list of relocations, and how many there are.
 */
static void tags(void **state)
{
	struct fx *f = *state;
	unsigned word = 8;

	rfx_add(&f->k, RFX_DYNAMIC, DT_RELA, word);
	unsigned list = rfx_add(&f->k, RFX_DYNAMIC, RFX_VIRT + 0x400, word);

	rfx_add(&f->k, RFX_DYNAMIC, DT_RELACOUNT, word);
	unsigned count = rfx_add(&f->k, RFX_DYNAMIC, 24, word);

	rfx_reloc(&f->k, RFX_DYN, rfx_at(&f->k, RFX_DATA, rfx_add(&f->k, RFX_DATA, 0, word)),
		  R_X86_64_RELATIVE, 0, RFX_VIRT);
	there_and_back(f);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DYNAMIC, list, word), RFX_VIRT + 0x400 + DV);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DYNAMIC, count, word), 24);
}

/* What .rela.dyn tells is not applied once more by kept relocations. */
static void dynamic_and_kept(void **state)
{
	struct fx *f = *state;
	uint32_t data = rfx_sym(&f->k, RFX_SYMTAB, "data", RFX_DATA, RFX_VIRT + 0x200);
	unsigned at = field(f, R_X86_64_64, data, RFX_VIRT + 0x200, 8);

	rfx_reloc(&f->k, RFX_DYN, rfx_at(&f->k, RFX_TEXT, at), R_X86_64_RELATIVE, 0,
		  RFX_VIRT + 0x200);
	there_and_back(f);
	assert_int_equal(f->res.source, RELOCATE_DYNAMIC);
	assert_int_equal(text(f, at, 8), RFX_VIRT + 0x200 + DV);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_RELA, 0, 8), RFX_VIRT + DV);
}

static void relr(void **state)
{
	struct fx *f = *state;

	for (unsigned i = 0; i < 8; i++)
		rfx_add(&f->k, RFX_DATA, RFX_VIRT + i, 8);
	f->k.s[RFX_DYN].type = SHT_RELR;
	rfx_add(&f->k, RFX_DYN, RFX_VIRT + 0x200, 8);
	rfx_add(&f->k, RFX_DYN, 1 | 1 << 2 | 1 << 7, 8); /* words 2 and 7 */
	there_and_back(f);
	assert_int_equal(f->res.changed, 3);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(rfx_get(&f->k, &f->file, RFX_DATA, 8 * i, 8),
				 RFX_VIRT + i + (i == 0 || i == 2 || i == 7 ? DV : 0));
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DYN, 0, 8), RFX_VIRT + 0x200 + DV);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DYN, 8, 8), 0x85);
	/* The bit of a word behind the last segment. */
	rfx_add(&f->k, RFX_DYN, RFX_VIRT + 0xbf8, 8);
	rfx_add(&f->k, RFX_DYN, 3, 8);
	refused(f, &there, -EBADMSG, "0xffffffff81000c00: in no segment's bytes");
}

/* s390x: words named by their distance from the start, and a table of addresses without names. */
static void offsets(void **state)
{
	struct fx *f = *state;
	unsigned at = rfx_add(&f->k, RFX_DATA, RFX_VIRT + 4, 8);
	struct relocate_request to = {RFX_PHYS + 0x4000, true, RFX_VIRT + 0x4000};

	f->k.s[RFX_PERCPU].addr = RFX_VIRT + RFX_SEGMENT; /* no offsets on this CPU */
	f->k.s[RFX_DEBUG].name = ".vmlinux.relocs";
	rfx_add(&f->k, RFX_DEBUG, 0x200, 4);
	f->k.s[RFX_CRC].name = ".got";
	rfx_add(&f->k, RFX_CRC, RFX_VIRT + 8, 8);
	rfx_add(&f->k, RFX_CRC, 5, 8);
	write_file(f);
	assert_int_equal(move_by(f, &rules_got, &to), 0);
	assert_int_equal(f->res.source, RELOCATE_OFFSETS);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DATA, at, 8), RFX_VIRT + 0x4004);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_CRC, 0, 8), RFX_VIRT + 0x4008);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_CRC, 8, 8), 5);
	rfx_add(&f->k, RFX_DEBUG, 0xbfc, 4);
	write_file(f);
	assert_int_equal(move_by(f, &rules_got, &to), -EBADMSG);
}

/* A kernel that was linked where it lies stays so. */
static void follows(void **state)
{
	struct fx *f = *state;
	struct relocate_request to = {RFX_VIRT + 0x4000, false, 0};

	f->k.phys = f->k.virt;
	rfx_reloc(&f->k, RFX_DYN, rfx_at(&f->k, RFX_DATA, 0), R_X86_64_RELATIVE, 0, RFX_VIRT + 4);
	rfx_add(&f->k, RFX_DATA, RFX_VIRT + 4, 8);
	write_file(f);
	assert_int_equal(move_by(f, &rules_got, &to), 0);
	assert_int_equal(f->res.virt, RFX_VIRT + 0x4000);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DATA, 0, 8), RFX_VIRT + 0x4004);
}

/* Every beginning of the file: refused, or nothing that it needs was cut off. */
static void truncated(void **state)
{
	struct fx *f = *state;
	uint32_t data = rfx_sym(&f->k, RFX_SYMTAB, "data", RFX_DATA, RFX_VIRT + 0x200);
	struct buf whole = BUF_INIT;

	field(f, R_X86_64_64, data, 0, 8);
	rfx_reloc(&f->k, RFX_DYN, rfx_at(&f->k, RFX_DATA, 0), R_X86_64_RELATIVE, 0, RFX_VIRT + 4);
	rfx_add(&f->k, RFX_DATA, RFX_VIRT + 4, 8);
	write_list(f, 3);
	whole = buf_take(&f->file);
	for (size_t len = 0; len < whole.len; len++) {
		/* At its exact length, so that a sanitizer sees a read behind it. */
		f->file = (struct buf)BUF_INIT;
		assert_int_equal(buf_add(&f->file, whole.ptr, len), 0);
		int r = move_by(f, &rules, &there);

		if (len < f->k.elf.shoff + RFX_SECTIONS * ELF64_SHDR_SIZE)
			assert_true(r == -EBADMSG || r == -ENOEXEC);
		buf_done(&f->file);
	}
	buf_done(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(appended), T(damaged_lists), T(dynamic), T(tags),      T(dynamic_and_kept),
		T(relr),     T(offsets),       T(follows), T(truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
