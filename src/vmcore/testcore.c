/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmcore/testcore.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/put.h"
#include "elf/note.h"
#include "elf/writer.h"

enum { LOG_HEADER = 16 };

static void must(int r)
{
	if (r < 0)
		abort();
}

struct testcore *core_new(bool elf32, bool big)
{
	struct testcore *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->elf32 = elf32;
	c->big = big;
	c->machine = elf32 ? EM_ARM : big ? EM_S390 : EM_X86_64;
	c->cpus = 1;
	core_key(c, "OSRELEASE=6.1.0-test");
	core_key(c, "PAGESIZE=4096");
	return c;
}

void core_done(struct testcore *c)
{
	buf_done(&c->info);
	free(c);
}

unsigned core_word(const struct testcore *c)
{
	return c->elf32 ? 4 : 8;
}

uint64_t core_va(const struct testcore *c, uint64_t off)
{
	return (c->elf32 ? 0xc0000000 : 0xffff888000000000) + CORE_PA + off;
}

void core_put(struct testcore *c, uint64_t off, uint64_t v, unsigned bytes)
{
	if (off > CORE_MEM - bytes)
		abort();
	if (c->big)
		put_be(c->mem + off, v, bytes);
	else
		put_le(c->mem + off, v, bytes);
}

uint64_t core_get(const struct testcore *c, uint64_t off, unsigned bytes)
{
	return c->big ? get_be(c->mem + off, bytes) : get_le(c->mem + off, bytes);
}

void core_key(struct testcore *c, const char *fmt, ...)
{
	char line[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	must(buf_printf(&c->info, "%s\n", line));
}

/*
 * struct printk_ringbuffer, cut to what readers need: desc_ring behind RB_LEAD bytes that today's
 * kernels do not have, then text_data_ring.
 */
enum {
	RB_LEAD = 8,
	RB_COUNT_BITS = 0,
	RB_DESCS = 8,
	RB_INFOS = 16,
	RB_HEAD = 24,
	RB_TAIL = 32,
	RB_TEXT = 0x80,
	RB_SIZE_BITS = 0,
	RB_DATA = 8,
};

static uint64_t id_mask(const struct testcore *c)
{
	return (1ull << (core_word(c) * 8 - 2)) - 1;
}

static uint64_t id_of(const struct testcore *c, uint64_t n)
{
	return (c->first_id + n) & id_mask(c);
}

uint64_t core_desc(const struct testcore *c, uint64_t n)
{
	return CORE_DESCS + (id_of(c, n) & ((1ull << c->count_bits) - 1)) * 3 * core_word(c);
}

uint64_t core_printk_info(const struct testcore *c, uint64_t n)
{
	return CORE_INFOS + (id_of(c, n) & ((1ull << c->count_bits) - 1)) * CORE_INFO_SIZE;
}

void core_prb(struct testcore *c, unsigned count_bits, unsigned size_bits, uint64_t first_id)
{
	unsigned w = core_word(c);

	c->count_bits = count_bits;
	c->size_bits = size_bits;
	c->first_id = first_id;
	c->records = c->lpos = 0;
	core_key(c, "SYMBOL(prb)=%llx", (unsigned long long)core_va(c, CORE_PTR));
	core_key(c, "SIZE(printk_ringbuffer)=%d", 0x100);
	core_key(c, "OFFSET(printk_ringbuffer.desc_ring)=%d", RB_LEAD);
	core_key(c, "OFFSET(printk_ringbuffer.text_data_ring)=%d", RB_LEAD + RB_TEXT);
	core_key(c, "OFFSET(prb_desc_ring.count_bits)=%d", RB_COUNT_BITS);
	core_key(c, "OFFSET(prb_desc_ring.descs)=%d", RB_DESCS);
	core_key(c, "OFFSET(prb_desc_ring.infos)=%d", RB_INFOS);
	core_key(c, "OFFSET(prb_desc_ring.head_id)=%d", RB_HEAD);
	core_key(c, "OFFSET(prb_desc_ring.tail_id)=%d", RB_TAIL);
	core_key(c, "SIZE(prb_desc)=%u", 3 * w);
	core_key(c, "OFFSET(prb_desc.state_var)=0");
	core_key(c, "OFFSET(prb_desc.text_blk_lpos)=%u", w);
	core_key(c, "OFFSET(prb_data_blk_lpos.begin)=0");
	core_key(c, "OFFSET(prb_data_blk_lpos.next)=%u", w);
	core_key(c, "SIZE(printk_info)=%d", CORE_INFO_SIZE);
	core_key(c, "OFFSET(printk_info.seq)=0");
	core_key(c, "OFFSET(printk_info.ts_nsec)=8");
	core_key(c, "OFFSET(printk_info.text_len)=16");
	core_key(c, "OFFSET(printk_info.caller_id)=20");
	core_key(c, "OFFSET(prb_data_ring.size_bits)=%d", RB_SIZE_BITS);
	core_key(c, "OFFSET(prb_data_ring.data)=%d", RB_DATA);
	core_key(c, "OFFSET(atomic_long_t.counter)=0");

	core_put(c, CORE_PTR, core_va(c, CORE_RB - RB_LEAD), w);
	core_put(c, CORE_RB + RB_COUNT_BITS, count_bits, 4);
	core_put(c, CORE_RB + RB_DESCS, core_va(c, CORE_DESCS), w);
	core_put(c, CORE_RB + RB_INFOS, core_va(c, CORE_INFOS), w);
	core_put(c, CORE_RB + RB_TEXT + RB_SIZE_BITS, size_bits, 4);
	core_put(c, CORE_RB + RB_TEXT + RB_DATA, core_va(c, CORE_TEXT), w);
}

/* A block that would cross the end begins at the start instead (data_alloc). Returns where its text
 * goes. */
static uint64_t take_block(struct testcore *c, uint64_t len, uint64_t *begin, uint64_t *next)
{
	uint64_t size = 1ull << c->size_bits, need = (core_word(c) + len + 7) & ~7ull;

	*begin = c->lpos;
	*next = c->lpos + need;
	uint64_t off = *begin % size;
	if (*begin / size != *next / size) {
		*next = (*begin / size + 1) * size + need;
		off = 0;
	}
	c->lpos = *next;
	return CORE_TEXT + off;
}

void core_prb_add(struct testcore *c, struct testmsg m)
{
	uint64_t n = c->records++, count = 1ull << c->count_bits, id = id_of(c, n), begin, next;
	uint64_t len = m.len ? m.len : strlen(m.text), info = core_printk_info(c, n);
	unsigned w = core_word(c);
	uint64_t at = take_block(c, len, &begin, &next);
	uint8_t bits = (uint8_t)(c->big ? m.level : m.level << 5);

	core_put(c, at, id, w);
	memcpy(c->mem + at + w, m.text, (size_t)len);
	core_put(c, core_desc(c, n), id | 2ull << (w * 8 - 2), w);
	core_put(c, core_desc(c, n) + w, begin, w);
	core_put(c, core_desc(c, n) + 2 * w, next, w);
	core_put(c, info, n, 8);
	core_put(c, info + 8, m.ts_nsec, 8);
	core_put(c, info + 16, len, 2);
	core_put(c, info + 18, m.facility, 1);
	core_put(c, info + 19, bits, 1);
	core_put(c, info + 20, m.caller, 4);
	core_put(c, CORE_RB + RB_HEAD, id, w);
	core_put(c, CORE_RB + RB_TAIL, id_of(c, n < count ? 0 : n - count + 1), w);
}

/* struct printk_log: u64 ts_nsec; u16 len, text_len, dict_len; u8 facility; u8 flags:5, level:3. */
void core_log(struct testcore *c, const char *name, uint32_t size)
{
	static const char *const symbols[] = {"log_buf", "log_buf_len", "log_first_idx",
					      "log_next_idx"};

	for (unsigned i = 0; i < 4; i++)
		core_key(c, "SYMBOL(%s)=%llx", symbols[i],
			 (unsigned long long)core_va(c, CORE_RB + i * 16));
	core_key(c, "SIZE(%s)=%d", name, LOG_HEADER);
	core_key(c, "OFFSET(%s.ts_nsec)=0", name);
	core_key(c, "OFFSET(%s.len)=8", name);
	core_key(c, "OFFSET(%s.text_len)=10", name);
	core_key(c, "OFFSET(%s.dict_len)=12", name);
	core_put(c, CORE_RB, core_va(c, CORE_TEXT), core_word(c));
	core_put(c, CORE_RB + 16, size, 4);
}

uint32_t core_log_add(struct testcore *c, uint32_t at, struct testmsg m, uint8_t flags)
{
	uint32_t len = (uint32_t)strlen(m.text), total = (LOG_HEADER + len + 3) & ~3u;
	uint64_t to = CORE_TEXT + at;

	core_put(c, to, m.ts_nsec, 8);
	core_put(c, to + 8, total, 2);
	core_put(c, to + 10, len, 2);
	core_put(c, to + 14, m.facility, 1);
	core_put(c, to + 15, (unsigned)(c->big ? flags << 3 | m.level : flags | m.level << 5), 1);
	memcpy(c->mem + to + LOG_HEADER, m.text, len);
	return at + total;
}

void core_log_bounds(struct testcore *c, uint32_t first, uint32_t next)
{
	core_put(c, CORE_RB + 32, first, 4);
	core_put(c, CORE_RB + 48, next, 4);
}

struct buf core_file(const struct testcore *c)
{
	struct elf e = {.elf32 = c->elf32 && !c->wide,
			.big = c->big,
			.type = ET_CORE,
			.machine = c->machine,
			.flags = c->flags,
			.phnum = 2};
	struct buf notes = BUF_INIT, out = BUF_INIT;
	uint8_t regs[64] = {0};

	for (unsigned i = 0; i < c->cpus; i++)
		must(elf_note_add(&notes, c->big, "CORE", NT_PRSTATUS,
				  span_of(regs, sizeof(regs))));
	must(elf_note_add(&notes, c->big, "VMCOREINFO", 0, buf_span(&c->info)));
	e.phoff = elf_ehdr_size(&e);
	struct elf_phdr note = {
		.type = PT_NOTE, .offset = 4096, .filesz = notes.len, .memsz = notes.len};
	struct elf_phdr load = {.type = PT_LOAD,
				.flags = 7,
				.offset = 8192,
				.paddr = CORE_PA,
				.vaddr = core_va(c, 0),
				.filesz = CORE_MEM,
				.memsz = CORE_MEM};

	if (c->no_va)
		load.vaddr = UINT64_MAX;
	must(elf_put_header(&out, &e));
	must(elf_put_phdr(&out, &e, &note));
	must(elf_put_phdr(&out, &e, &load));
	must(buf_zero(&out, 4096 - out.len));
	must(buf_add(&out, notes.ptr, notes.len));
	must(buf_zero(&out, 8192 - out.len));
	must(buf_add(&out, c->mem, CORE_MEM));
	buf_done(&notes);
	return out;
}

int core_read_at(void *ctx, uint64_t off, void *buf, size_t len)
{
	struct span s = span_sub(*(struct span *)ctx, off, len);

	if (len && !s.ptr)
		return -ENODATA;
	if (len)
		memcpy(buf, s.ptr, len);
	return 0;
}
