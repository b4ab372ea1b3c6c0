/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record log and the flat text: reading ends and gives whole clean lines. Input: flags (1
 * ELF32, 2 big-endian, 4 levels, 16 flat), u32 first and next index (or log_end and logged_chars),
 * then the buffer.
 */
#include "base/cursor.h"
#include "core/fuzz.h"
#include "vmcore/dmesg.h"
#include "vmcore/testcore.h"

enum { SIZE = 0x1000 };

static int look(void *ctx, const char *line, size_t len)
{
	*(uint64_t *)ctx += len;
	assert(len && line[len - 1] == '\n');
	for (size_t i = 0; i + 1 < len; i++)
		assert((uint8_t)line[i] >= ' ' ? line[i] != 0x7f : line[i] == '\t');
	/* Records may overlap only by one jump to the start; each byte makes one escaped one with a
	 * prefix at most. */
	assert(*(uint64_t *)ctx <= 64 * 4 * 2 * SIZE);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_le(span_of(data, size), 0);
	uint8_t flags = cursor_u8(&c);
	uint32_t a = cursor_u32(&c), b = cursor_u32(&c);
	struct testcore *core = core_new(flags & 1, flags & 2);
	struct span text = span_from(c.in, c.pos);
	struct dmesg_stats stats;
	struct err err = ERR_INIT;
	uint64_t total = 0;
	struct dump d;

	if (flags & 16) {
		core_key(core, "SYMBOL(log_buf)=%llx", (unsigned long long)core_va(core, CORE_RB));
		core_key(core, "SYMBOL(log_buf_len)=%llx",
			 (unsigned long long)core_va(core, CORE_RB + 16));
		core_key(core, "SYMBOL(log_end)=%llx",
			 (unsigned long long)core_va(core, CORE_RB + 32));
		core_key(core, "SYMBOL(logged_chars)=%llx",
			 (unsigned long long)core_va(core, CORE_RB + 48));
		core_put(core, CORE_RB, core_va(core, CORE_TEXT), core_word(core));
		core_put(core, CORE_RB + 16, SIZE, 4);
	} else {
		core_log(core, "printk_log", SIZE);
	}
	core_log_bounds(core, a, b);
	if (text.len)
		memcpy(core->mem + CORE_TEXT, text.ptr, text.len < SIZE ? text.len : SIZE);
	struct buf file = core_file(core);
	struct span all = buf_span(&file);
	struct elf_io io = {core_read_at, &all, all.len};

	assert(dump_open(&io, &d, &err) == 0);
	int r = dmesg_read(&d, flags >> 2 & 1, look, &total, &stats, &err);

	assert(r == 0 || ((r == -ENODATA || r == -EBADMSG) && err.text[0]));
	dump_done(&d);
	buf_done(&file);
	core_done(core);
	return 0;
}
