/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Input: a byte of flags, two of the physical and two of the virtual move (in steps), then an ELF
 * file, or, when it does not begin like one, patches of 3 bytes (offset, value) to the kernel of
 * relocate_fixture.h with a relocation of every kind.
 * Properties: a failure has a reason, the file keeps its length, and the kernel without patches,
 * moved there and home, is what it was. (Damaged tables may name fields that overlap.)
 */
#include "core/fuzz.h"
#include "elf/relocate.h"
#include "elf/relocate_fixture.h"

enum { FUZZ_32 = 1, FUZZ_BIG = 2, FUZZ_LIST = 4, FUZZ_DYNAMIC = 8, FUZZ_GOT = 16, HEAD = 5 };

static bool begins_so(const char *name)
{
	return !strncmp(name, "_", 1);
}

static const struct reloc_field fields[] = {
	{1, RELOC_ADDRESS, 8, REACH_WRAPS},     {2, RELOC_DISTANCE, 4, REACH_SIGNED},
	{3, RELOC_FIXED, 2, REACH_WRAPS},       {8, RELOC_BASE, 8, REACH_WRAPS},
	{10, RELOC_ADDRESS, 4, REACH_UNSIGNED}, {11, RELOC_ADDRESS, 4, REACH_SIGNED},
};
static const struct reloc_field fields32[] = {
	{1, RELOC_ADDRESS, 4, REACH_WRAPS},
	{2, RELOC_DISTANCE, 4, REACH_WRAPS},
	{3, RELOC_FIXED, 2, REACH_WRAPS},
	{8, RELOC_BASE, 4, REACH_WRAPS},
};

static struct relocate_rules rules_of(uint8_t flags)
{
	bool is32 = flags & FUZZ_32;

	return (struct relocate_rules){
		.fields = is32 ? fields32 : fields,
		.nfields = is32 ? sizeof(fields32) / sizeof(*fields32)
				: sizeof(fields) / sizeof(*fields),
		.absolute_moves = begins_so,
		.per_cpu_moves = flags & FUZZ_GOT ? NULL : begins_so,
		.physical_free = true,
		.got = flags & FUZZ_GOT,
		.list = true,
		.align = 0x1000,
	};
}

/* A relocation of every kind, in the table that @flags asks for. */
static void make(struct rfx *k, uint8_t flags)
{
	unsigned table = flags & FUZZ_DYNAMIC ? RFX_DYN : RFX_RELA;
	unsigned sec = flags & FUZZ_DYNAMIC ? RFX_DATA : RFX_TEXT;

	rfx_init(k, flags & FUZZ_32, flags & FUZZ_BIG);
	uint32_t sym = rfx_sym(k, flags & FUZZ_DYNAMIC ? RFX_DYNSYM : RFX_SYMTAB, "data", RFX_DATA,
			       k->virt + 0x200);

	for (uint32_t type = 1; type <= 11; type += type == 3 ? 5 : type == 8 ? 2 : 1) {
		if ((flags & FUZZ_DYNAMIC && type == 2) || (flags & FUZZ_32 && type > 8))
			continue;
		unsigned at = rfx_add(k, sec, k->virt + 0x200, 8);

		rfx_reloc(k, table, rfx_at(k, sec, at), type, type == 8 ? 0 : sym, k->virt + 0x200);
	}
	k->s[RFX_CRC].name = flags & FUZZ_GOT ? ".got" : "__kcrctab";
	rfx_add(k, RFX_CRC, k->virt, 8);
	rfx_reloc(k, RFX_RELA_DEBUG, rfx_at(k, RFX_DEBUG, rfx_add(k, RFX_DEBUG, 0, 8)), 1, sym, 0);
}

static void append_list(const struct rfx *k, struct buf *file)
{
	const uint64_t words[] = {0, k->virt, 0, k->virt + 8};
	uint8_t b[4];

	for (size_t i = k->elf.elf32 ? 2 : 0; i < 4; i++) {
		put_le(b, words[i], 4);
		(void)buf_add(file, b, 4);
	}
}

static void build(uint8_t flags, const uint8_t *data, size_t size, struct buf *file)
{
	static struct rfx k;

	if (size > 4 && !memcmp(data, ELFMAG, SELFMAG)) {
		(void)buf_add(file, data, size);
		return;
	}
	make(&k, flags);
	if (flags & FUZZ_LIST)
		k.s[RFX_RELA].len = k.s[RFX_DYN].len = 0;
	rfx_write(&k, file);
	if (flags & FUZZ_LIST)
		append_list(&k, file);
	for (size_t i = 0; i + 3 <= size; i += 3)
		file->ptr[(size_t)(data[i] | data[i + 1] << 8) % file->len] = data[i + 2];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf file = BUF_INIT, original = BUF_INIT;
	struct relocate_request req = {0};
	struct relocate_result res;
	struct err err = ERR_INIT;

	if (size < HEAD)
		return 0;
	struct relocate_rules rules = rules_of(data[0]);

	build(data[0], data + HEAD, size - HEAD, &file);
	if (buf_add(&original, file.ptr, file.len) < 0)
		abort();
	req.to = RFX_PHYS + 0x1000u * (unsigned)(data[1] | data[2] << 8);
	req.has_virtual = true;
	req.virtual = (data[0] & FUZZ_32 ? 0xc1000000 : RFX_VIRT) +
		      0x1000u * (unsigned)(data[3] | data[4] << 8);
	int r = relocate_kernel(&file, &rules, &req, &res, &err);

	if (file.len != original.len || (r < 0 && !err.text[0]))
		abort();
	if (!r && size == HEAD) {
		req.to = res.old_phys;
		req.virtual = res.old_virt;
		if (relocate_kernel(&file, &rules, &req, &res, &err) ||
		    memcmp(original.ptr, file.ptr, file.len) != 0)
			abort();
	}
	buf_done(&file);
	buf_done(&original);
	return 0;
}
