/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Property: read back, the RAM headers cover the input's memory exactly once, in order, and each
 * page is read from where it lies, or from its place in the backup. Input: flags, backup start and
 * size (u16 pages), then pairs of u16: gap and length of a range in units of 256 bytes.
 */
#include "base/cursor.h"
#include "core/fuzz.h"
#include "crash/elfcorehdr.h"
#include "elf/reader.h"

enum { BACKUP_AT = 0x70000000, UNIT = 256 };

static void check(struct span file, const struct crash_input *in)
{
	struct err err = ERR_INIT;
	struct elf e;
	uint64_t pos = in->ram.v[0].start;
	size_t k = 0;

	assert(elf_parse(file, &e, &err) == 0);
	for (uint32_t i = 0; i < e.phnum; i++) {
		struct elf_phdr p = elf_phdr_at(&e, file, i);
		bool saved = range_has(in->backup, p.paddr);

		assert(p.type == PT_LOAD && p.memsz && p.filesz == p.memsz);
		assert(k < in->ram.n && p.paddr == pos && p.paddr + p.memsz <= in->ram.v[k].end);
		assert(p.offset == (saved ? BACKUP_AT + p.paddr - in->backup.start : p.paddr));
		pos = p.paddr + p.memsz;
		assert(!saved || pos <= in->backup.end);
		if (pos == in->ram.v[k].end && ++k < in->ram.n)
			pos = in->ram.v[k].start;
	}
	assert(k == in->ram.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_le(span_of(data, size), 0);
	uint8_t flags = cursor_u8(&c);
	struct crash_traits t = {.elf_machine = EM_X86_64,
				 .elf32 = flags & 1,
				 .big = flags & 2};
	struct crash_input in = {.backup_at = BACKUP_AT, .has_linear = flags & 8};
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT;
	uint64_t at = 0;

	in.backup.start = (uint64_t)cursor_u16(&c) * UNIT;
	in.backup.end = in.backup.start + (uint64_t)cursor_u16(&c) * UNIT;
	if (!(flags & 4))
		in.backup = (struct range){0};
	while (c.in.len - c.pos >= 4 && in.ram.n < 1000) {
		uint64_t start = at + ((uint64_t)cursor_u16(&c) + 1) * UNIT;

		at = start + ((uint64_t)cursor_u16(&c) + 1) * UNIT;
		assert(ranges_add(&in.ram, (struct range){start, at}) == 0);
	}
	int r = elfcorehdr_build(&t, &in, &b, &err);

	assert(r == (in.ram.n ? at > 1ull << 32 && t.elf32 ? -ERANGE : 0 : -EINVAL));
	if (!r)
		check(buf_span(&b), &in);
	ranges_done(&in.ram);
	buf_done(&b);
	return 0;
}
