/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/relocate_check.h"

static void kept(void **state)
{
	struct fx *f = *state;
	uint32_t data = rfx_sym(&f->k, RFX_SYMTAB, "data", RFX_DATA, RFX_VIRT + 0x200);
	uint32_t high = rfx_sym(&f->k, RFX_SYMTAB, "registers", SHN_ABS, 0xfffff000);
	uint32_t end = rfx_sym(&f->k, RFX_SYMTAB, "_end", SHN_ABS, RFX_VIRT + 0xe00);
	uint32_t counter = rfx_sym(&f->k, RFX_SYMTAB, "counter", RFX_PERCPU, 8);
	uint32_t load = rfx_sym(&f->k, RFX_SYMTAB, "__per_cpu_load", RFX_PERCPU, RFX_VIRT + 0x1000);
	uint32_t none = rfx_sym(&f->k, RFX_SYMTAB, "missing", SHN_UNDEF, 0);
	/* Sorted behind the linker's back: the field is not what the relocation says. */
	unsigned a = field(f, R_X86_64_64, data, RFX_VIRT + 0x77, 8);
	unsigned b = field(f, R_X86_64_32S, data, 0x81000200, 4);
	unsigned c = field(f, R_X86_64_32, data, 0x1000200, 4);
	unsigned d = field(f, R_X86_64_PC32, data, 0x1f0, 4);
	unsigned e = field(f, R_X86_64_PC32, counter, 0x7f000000, 4);
	unsigned g = field(f, R_X86_64_32S, counter, 8, 4);
	unsigned h = field(f, R_X86_64_32, high, 0xfffff000, 4);
	unsigned i = field(f, R_X86_64_64, end, RFX_VIRT + 0xe00, 8);
	unsigned j = field(f, R_X86_64_64, load, RFX_VIRT + 0x1000, 8);
	unsigned k = field(f, R_X86_64_16, data, 0x200, 2);
	unsigned l = field(f, R_X86_64_64, none, 0, 8);

	there_and_back(f);
	assert_int_equal(f->res.source, RELOCATE_KEPT);
	assert_int_equal(f->res.changed, 6);
	assert_int_equal(f->res.virt, RFX_VIRT + DV);
	assert_int_equal(text(f, a, 8), RFX_VIRT + 0x77 + DV);
	assert_int_equal(text(f, b, 4), 0x81000200 + DV);
	assert_int_equal(text(f, c, 4), 0x1000200 + DV);
	assert_int_equal(text(f, d, 4), 0x1f0);
	assert_int_equal(text(f, e, 4), 0x7f000000 - DV);
	assert_int_equal(text(f, g, 4), 8);
	assert_int_equal(text(f, h, 4), 0xfffff000);
	assert_int_equal(text(f, i, 8), RFX_VIRT + 0xe00 + DV);
	assert_int_equal(text(f, j, 8), RFX_VIRT + 0x1000 + DV);
	assert_int_equal(text(f, k, 2), 0x200);
	assert_int_equal(text(f, l, 8), 0);
}

static void headers(void **state)
{
	struct fx *f = *state;
	uint32_t data = rfx_sym(&f->k, RFX_SYMTAB, "data", RFX_DATA, RFX_VIRT + 0x200);
	uint32_t high = rfx_sym(&f->k, RFX_SYMTAB, "registers", SHN_ABS, 0xfffff000);
	uint32_t debug = rfx_sym(&f->k, RFX_SYMTAB, ".debug_info", RFX_DEBUG, 0);
	unsigned entry = 0x18, phdr = ELF64_EHDR_SIZE, vaddr = 16, paddr = 24;
	const uint8_t *b;

	field(f, R_X86_64_64, data, RFX_VIRT, 8);
	there_and_back(f);
	b = f->file.ptr;
	assert_int_equal(get_le(b + entry, 8), RFX_PHYS + DP);
	assert_int_equal(get_le(b + phdr + vaddr, 8), RFX_VIRT + DV);
	assert_int_equal(get_le(b + phdr + paddr, 8), RFX_PHYS + DP);
	assert_int_equal(get_le(b + phdr + ELF64_PHDR_SIZE + vaddr, 8), 0);
	assert_int_equal(get_le(b + phdr + ELF64_PHDR_SIZE + paddr, 8),
			 RFX_PHYS + RFX_SEGMENT + DP);
	assert_int_equal(get_le(b + f->k.elf.shoff + RFX_DATA * ELF64_SHDR_SIZE + 16, 8),
			 RFX_VIRT + 0x200 + DV);
	assert_int_equal(get_le(b + f->k.elf.shoff + RFX_PERCPU * ELF64_SHDR_SIZE + 16, 8), 0);
	assert_int_equal(symbol(f, RFX_SYMTAB, data), RFX_VIRT + 0x200 + DV);
	assert_int_equal(symbol(f, RFX_SYMTAB, high), 0xfffff000);
	assert_int_equal(symbol(f, RFX_SYMTAB, debug), 0);
	/* r_offset, and not the addend: the symbol brings it. */
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_RELA, 0, 8), RFX_VIRT + DV);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_RELA, 16, 8), 0);
}

/* A table that was sorted has entries of zeroes; an empty section has an address, and no flag. */
static void leftovers(void **state)
{
	struct fx *f = *state;
	struct rfx_section *empty = &f->k.s[RFX_DEBUG];
	uint32_t data = rfx_sym(&f->k, RFX_SYMTAB, "data", RFX_DATA, RFX_VIRT + 0x200);
	uint32_t begin = rfx_sym(&f->k, RFX_SYMTAB, "__nosave_begin", RFX_DEBUG, RFX_VIRT + 0x280);

	empty->addr = RFX_VIRT + 0x280;
	field(f, R_X86_64_64, data, RFX_VIRT + 0x200, 8);
	rfx_reloc(&f->k, RFX_RELA, 0, R_X86_64_NONE, 0, 0);
	there_and_back(f);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_RELA, 24, 8), 0);
	assert_int_equal(symbol(f, RFX_SYMTAB, begin), RFX_VIRT + 0x280 + DV);
	assert_int_equal(get_le(f->file.ptr + f->k.elf.shoff + RFX_DEBUG * ELF64_SHDR_SIZE + 16, 8),
			 RFX_VIRT + 0x280 + DV);
}

static void add_note(struct rfx *k, uint32_t type, uint64_t value, unsigned bytes)
{
	rfx_add(k, RFX_NOTES, 4, 4);
	rfx_add(k, RFX_NOTES, bytes, 4);
	rfx_add(k, RFX_NOTES, type, 4);
	rfx_add(k, RFX_NOTES, 0x006e6558, 4); /* "Xen" */
	rfx_add(k, RFX_NOTES, value, bytes);
}

/* PVH's entry is physical, the paravirtual one is virtual; neither has a relocation that counts. */
static void xen_notes(void **state)
{
	struct fx *f = *state;
	uint32_t data = rfx_sym(&f->k, RFX_SYMTAB, "data", RFX_DATA, RFX_VIRT + 0x200);

	add_note(&f->k, 18, 0x1000100, 4);
	add_note(&f->k, 1, RFX_VIRT + 0x40, 8);
	add_note(&f->k, 3, 0xffffffff80000000, 8); /* VIRT_BASE */
	rfx_reloc(&f->k, RFX_RELA, rfx_at(&f->k, RFX_NOTES, 36), R_X86_64_64, data, 0);
	f->k.s[RFX_RELA].info = RFX_NOTES;
	there_and_back(f);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_NOTES, 16, 4), 0x1000100 + DP);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_NOTES, 36, 8), RFX_VIRT + 0x40 + DV);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_NOTES, 60, 8), 0xffffffff80000000);
}

/* Its sections lie at 0, and what they name moves; other types of relocations do not matter. */
static void debug_information(void **state)
{
	struct fx *f = *state;
	uint32_t data = rfx_sym(&f->k, RFX_SYMTAB, "data", RFX_DATA, RFX_VIRT + 0x200);

	field(f, R_X86_64_64, data, 0, 8);
	rfx_add(&f->k, RFX_DEBUG, RFX_VIRT + 0x200, 8);
	rfx_reloc(&f->k, RFX_RELA_DEBUG, rfx_at(&f->k, RFX_DEBUG, 0), R_X86_64_64, data, 0);
	rfx_reloc(&f->k, RFX_RELA_DEBUG, rfx_at(&f->k, RFX_DEBUG, 0), 77, data, 0);
	there_and_back(f);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_DEBUG, 0, 8), RFX_VIRT + 0x200 + DV);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_RELA_DEBUG, 0, 8), 0);
	/* In code an unknown one does. */
	rfx_reloc(&f->k, RFX_RELA, rfx_at(&f->k, RFX_TEXT, 0), 77, data, 0);
	refused(f, &there, -ENOTSUP, "type 77");
}

static void crc_tables(void **state)
{
	struct fx *f = *state;
	uint32_t data = rfx_sym(&f->k, RFX_SYMTAB, "data", RFX_DATA, RFX_VIRT + 0x200);

	rfx_add(&f->k, RFX_CRC, 0x12345678, 8);
	rfx_reloc(&f->k, RFX_RELA, rfx_at(&f->k, RFX_CRC, 0), R_X86_64_64, data, 0);
	f->k.s[RFX_RELA].info = RFX_CRC;
	there_and_back(f);
	assert_int_equal(f->res.crcs, 1);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_CRC, 0, 8), 0x12345678);
	assert_int_equal(rfx_get(&f->k, &f->file, RFX_RELA, 0, 8), RFX_VIRT + 0xa00 + DV);
}

static void ranges(void **state)
{
	struct fx *f = *state;
	uint32_t data = rfx_sym(&f->k, RFX_SYMTAB, "data", RFX_DATA, RFX_VIRT + 0x200);
	const struct relocate_request low = {RFX_PHYS, true, RFX_VIRT - 8 * MIB};

	field(f, R_X86_64_32, data, 8 * MIB, 4);
	write_file(f);
	assert_int_equal(move_by(f, &rules, &low), 0);
	assert_int_equal(text(f, 0, 4), 0);
	rfx_put(&f->k, f->k.s[RFX_TEXT].bytes, 8 * MIB - 1, 4);
	refused(f, &low, -ERANGE, "relocation at 0xffffffff81000000: type 10");
	rfx_put(&f->k, f->k.s[RFX_TEXT].bytes, 0xffffffff - DV, 4);
	write_file(f);
	assert_int_equal(move_by(f, &rules, &there), 0);
	rfx_put(&f->k, f->k.s[RFX_TEXT].bytes, 0x100000000 - DV, 4);
	refused(f, &there, -ERANGE, "do not fit 4 bytes");
	f->k.s[RFX_RELA].len = 0;
	rfx_reloc(&f->k, RFX_RELA, rfx_at(&f->k, RFX_TEXT, 0), R_X86_64_32S, data, 0);
	rfx_put(&f->k, f->k.s[RFX_TEXT].bytes, 0x7fffffff - DV, 4);
	write_file(f);
	assert_int_equal(move_by(f, &rules, &there), 0);
	rfx_put(&f->k, f->k.s[RFX_TEXT].bytes, 0x80000000 - DV, 4);
	refused(f, &there, -ERANGE, "do not fit 4 bytes");
}

static void places(void **state)
{
	struct fx *f = *state;
	struct relocate_request to = {RFX_PHYS + MIB, false, 0};

	refused(f, &to, -EINVAL, "--to: the kernel lies at 0x1000000 and moves only by multiples");
	to.to = UINT64_C(1) << 46;
	refused(f, &to, -EINVAL, "--to 0x400000000000");
	to = (struct relocate_request){RFX_PHYS, true, RFX_VIRT + MIB};
	refused(f, &to, -EINVAL, "--virtual: ");
	to.virtual = UINT64_C(0xffffffffc0000000);
	refused(f, &to, -EINVAL, "--virtual 0xffffffffc0000000");
	to.virtual = 2 * MIB;
	refused(f, &to, -EINVAL, "--virtual 0x200000");
	/* The last place. */
	to = (struct relocate_request){(UINT64_C(1) << 46) - 2 * MIB, false, 0};
	write_file(f);
	assert_int_equal(move_by(f, &rules, &to), 0);
}

static void nothing_kept(void **state)
{
	struct fx *f = *state;
	const struct relocate_request to = {RFX_PHYS + DP, false, 0};

	refused(f, &there, -ENOTSUP, ".rela.text");
	assert_non_null(strstr(f->err.text, "0xffffffff81000000"));
	write_file(f);
	assert_int_equal(move_by(f, &rules, &to), 0);
	assert_int_equal(f->res.source, RELOCATE_NONE);
	rfx_init(&f->k, true, false);
	write_file(f);
	assert_int_equal(move_by(f, &rules32, &to), -ENOTSUP);
	assert_non_null(strstr(f->err.text, "it can run at 0x1000000 only"));
}

/* Both addresses by one amount, from the field's own addend. */
static void one_delta(void **state)
{
	struct fx *f = *state;
	struct relocate_request to = {RFX_PHYS + 0x2000, false, 0};
	unsigned at;

	rfx_init(&f->k, true, false);
	f->k.s[RFX_PERCPU].addr = f->k.virt + RFX_SEGMENT;
	uint32_t data = rfx_sym(&f->k, RFX_SYMTAB, "data", RFX_DATA, f->k.virt + 0x200);
	at = field(f, R_386_32, data, f->k.virt + 0x200, 4);
	write_file(f);
	assert_int_equal(move_by(f, &rules32, &to), 0);
	assert_int_equal(text(f, at, 4), f->k.virt + 0x2200);
	assert_int_equal(f->res.virt, f->k.virt + 0x2000);
	assert_int_equal(get_le(f->file.ptr + 0x18, 4), RFX_PHYS + 0x2000);
	to.has_virtual = true;
	to.virtual = 0xd0000000;
	assert_int_equal(move_by(f, &rules32, &to), -EINVAL);
	assert_non_null(strstr(f->err.text, "disagree"));
}

static void damaged(void **state)
{
	struct fx *f = *state;
	uint32_t data = rfx_sym(&f->k, RFX_SYMTAB, "data", RFX_DATA, RFX_VIRT + 0x200);

	field(f, R_X86_64_64, data, 0, 8);
	rfx_reloc(&f->k, RFX_RELA, rfx_at(&f->k, RFX_TEXT, 1), R_X86_64_64, data, 0);
	refused(f, &there, -EBADMSG, "0xffffffff81000001: outside its section");
	f->k.s[RFX_RELA].len = 0;
	rfx_reloc(&f->k, RFX_RELA, rfx_at(&f->k, RFX_TEXT, 0), R_X86_64_64, 99, 0);
	refused(f, &there, -EBADMSG, "symbol 99 of 2");
	f->k.s[RFX_RELA].entsize = 23;
	refused(f, &there, -EBADMSG, "entries of 0x17 bytes");
	f->k.s[RFX_RELA].entsize = 24;
	f->k.elf.type = ET_REL;
	refused(f, &there, -ENOEXEC, "not a linked kernel");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(kept),       T(headers), T(leftovers), T(xen_notes),    T(debug_information),
		T(crc_tables), T(ranges),  T(places),    T(nothing_kept), T(one_delta),
		T(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
