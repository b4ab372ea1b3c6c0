/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Property: whatever the ring holds, reading ends, gives whole clean lines, and no more of them
 * than the ring can hold. Input: one byte of flags (1 ELF32, 2 big-endian, 4 levels, 8 callers),
 * then patches of a good dump: u16 offset, u8 count (0 to 15; +128: of vmcoreinfo, else of memory),
 * the bytes.
 */
#include "base/cursor.h"
#include "core/fuzz.h"
#include "vmcore/dmesg.h"
#include "vmcore/testcore.h"

static int look(void *ctx, const char *line, size_t len)
{
	*(uint64_t *)ctx += len;
	assert(len && line[len - 1] == '\n');
	for (size_t i = 0; i + 1 < len; i++)
		assert((uint8_t)line[i] >= ' ' ? line[i] != 0x7f : line[i] == '\t');
	/* Text never comes from outside the memory of the dump, and each byte of it once. */
	assert(*(uint64_t *)ctx <= 64 * 4 * CORE_MEM);
	return 0;
}

static struct testcore *make(uint8_t flags)
{
	struct testcore *c = core_new(flags & 1, flags & 2);

	core_prb(c, 4, 10, 0x30);
	for (unsigned i = 0; i < 40; i++)
		core_prb_add(c,
			     (struct testmsg){"some text of a\nrecord", 0, i * 1000000, 6, 0, i});
	return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_le(span_of(data, size), 0);
	uint8_t flags = cursor_u8(&c);
	struct testcore *core = make(flags);
	struct dmesg_stats stats;
	struct err err = ERR_INIT;
	uint64_t total = 0;
	struct dump d;

	while (!c.bad && c.pos < c.in.len) {
		uint16_t off = cursor_u16(&c);
		uint8_t n = cursor_u8(&c);
		struct span bytes = cursor_take(&c, n % 16);
		size_t room = n & 0x80 ? core->info.len : CORE_MEM;

		if (bytes.len && room > bytes.len && off <= room - bytes.len)
			memcpy((n & 0x80 ? core->info.ptr : core->mem) + off, bytes.ptr, bytes.len);
	}
	struct buf file = core_file(core);
	struct span all = buf_span(&file);
	struct elf_io io = {core_read_at, &all, all.len};

	assert(dump_open(&io, &d, &err) == 0);
	int r = dmesg_read(&d, flags >> 2 & 3, look, &total, &stats, &err);

	assert(r == 0 || ((r == -ENODATA || r == -EBADMSG) && err.text[0]));
	dump_done(&d);
	buf_done(&file);
	core_done(core);
	return 0;
}
