/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "vmcore/dmesg.h"
#include "vmcore/testcore.h"

struct got {
	struct buf text;
	struct dmesg_stats stats;
	struct err err;
	int r;
};

static int gather(void *ctx, const char *line, size_t len)
{
	assert_true(len && line[len - 1] == '\n');
	assert_ptr_equal(memchr(line, '\n', len), line + len - 1);
	return buf_add(ctx, line, len);
}

/* The log of @c; @got.text is the caller's. */
static struct got read_log(const struct testcore *c, unsigned flags)
{
	struct got g = {.text = BUF_INIT};
	struct buf file = core_file(c);
	struct span bytes = buf_span(&file);
	struct elf_io io = {core_read_at, &bytes, bytes.len};
	struct dump d;

	assert_int_equal(dump_open(&io, &d, &g.err), 0);
	g.r = dmesg_read(&d, flags, gather, &g.text, &g.stats, &g.err);
	dump_done(&d);
	buf_done(&file);
	return g;
}

static void expect(struct testcore *c, unsigned flags, const char *want)
{
	struct got g = read_log(c, flags);

	assert_int_equal(g.r, 0);
	assert_string_equal(buf_str(&g.text), want);
	buf_done(&g.text);
}

static void expect_failure(struct testcore *c, int r, const char *says)
{
	struct got g = read_log(c, 0);

	assert_int_equal(g.r, r);
	assert_non_null(strstr(g.err.text, says));
	buf_done(&g.text);
}

static void prb_of_every_class_and_order(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 6; kind++) {
		struct testcore *c = core_new(kind & 1, kind & 2);
		c->wide = kind >= 4; /* a 32-bit kernel with memory above 4 GiB */
		core_prb(c, 4, 12, 0x30);
		core_prb_add(c, (struct testmsg){"Linux version", 0, 0, 5, 0, 0});
		core_prb_add(c, (struct testmsg){"from a thread", 0, 1234567890, 6, 0, 77});
		core_prb_add(c,
			     (struct testmsg){"from a CPU", 0, 99999999999999, 3, 3, 1u << 31 | 2});
		expect(c, 0,
		       "[    0.000000] Linux version\n[    1.234567] from a thread\n"
		       "[99999.999999] from a CPU\n");
		expect(c, DMESG_LEVELS | DMESG_CALLERS,
		       "<5>[    0.000000][    T0] Linux version\n<6>[    1.234567][   T77] from a "
		       "thread\n"
		       "<27>[99999.999999][    C2] from a CPU\n");
		core_done(c);
	}
}

static void lines_are_prefixed_and_clean(void **state)
{
	(void)state;
	struct testcore *c = core_new(false, false);

	core_prb(c, 4, 12, 0x30);
	core_prb_add(c, (struct testmsg){"one\ntwo\n", 0, 1000, 6, 0, 0});
	core_prb_add(c, (struct testmsg){"a\x1b[31m\rb\tc\x7f", 0, 0, 6, 0, 0});
	core_prb_add(c, (struct testmsg){"caf\xc3\xa9 \xff\xc3 \xed\xa0\x80", 0, 0, 6, 0, 0});
	core_prb_add(c, (struct testmsg){"nul\0here", 8, 0, 6, 0, 0});
	expect(c, 0,
	       "[    0.000001] one\n[    0.000001] two\n[    0.000001] \n"
	       "[    0.000000] a\\x1b[31m\\x0db\tc\\x7f\n"
	       "[    0.000000] caf\xc3\xa9 \\xff\\xc3 \\xed\\xa0\\x80\n"
	       "[    0.000000] nul\\x00here\n");
	core_done(c);
}

/* Both rings go round several times; ids wrap at the end of their number space too. */
static void rings_go_round(void **state)
{
	(void)state;
	static const uint64_t first[] = {0x30, (1ull << 62) - 20};

	for (unsigned k = 0; k < 2; k++) {
		struct testcore *c = core_new(false, false);
		struct got g;

		core_prb(c, 3, 9, first[k]);
		for (unsigned i = 0; i < 50; i++) {
			char text[32];

			snprintf(text, sizeof(text), "message %u", i);
			core_prb_add(c, (struct testmsg){text, 0, i * 1000000000ull, 6, 0, 0});
		}
		g = read_log(c, 0);
		assert_int_equal(g.r, 0);
		assert_int_equal(g.stats.records, 8);
		assert_int_equal(g.stats.overwritten, 42);
		assert_int_equal(g.stats.lost + g.stats.damaged + g.stats.unfinished, 0);
		assert_memory_equal(g.text.ptr, "[   42.000000] message 42\n", 26);
		assert_non_null(strstr(buf_str(&g.text), "\n[   49.000000] message 49\n"));
		buf_done(&g.text);
		core_done(c);
	}
}

static void empty_lines_and_lost_texts(void **state)
{
	(void)state;
	struct testcore *c = core_new(false, false);
	struct got g;

	core_prb(c, 4, 12, 0x30);
	for (unsigned i = 0; i < 4; i++)
		core_prb_add(c, (struct testmsg){"x", 0, 0, 6, 0, 0});
	/* Record 1 is an empty line, record 2 had no room for its text. */
	for (unsigned i = 0; i < 2; i++) {
		core_put(c, core_desc(c, 1) + 8 + 8 * i, 3, 8);
		core_put(c, core_desc(c, 2) + 8 + 8 * i, 1, 8);
	}
	g = read_log(c, 0);
	assert_string_equal(buf_str(&g.text),
			    "[    0.000000] x\n[    0.000000] \n"
			    "(baton: the text of record 2 is lost)\n[    0.000000] x\n");
	assert_int_equal(g.stats.lost, 1);
	buf_done(&g.text);
	core_done(c);
}

/* vmcore-dmesg's stack overflow: hundreds of records without text. */
static void many_empty_records(void **state)
{
	(void)state;
	struct testcore *c = core_new(false, false);
	struct got g;

	core_prb(c, 8, 13, 0x300);
	for (unsigned i = 0; i < 256; i++)
		core_prb_add(c, (struct testmsg){"", 0, 0, 6, 0, 0});
	g = read_log(c, 0);
	assert_int_equal(g.r, 0);
	assert_int_equal(g.stats.records, 256);
	assert_int_equal(g.text.len, 256 * 16);
	buf_done(&g.text);
	core_done(c);
}

static void unfinished_and_missing_records_are_counted(void **state)
{
	(void)state;
	struct testcore *c = core_new(false, false);
	struct got g;

	core_prb(c, 4, 12, 0x30);
	for (unsigned i = 0; i < 6; i++)
		core_prb_add(c, (struct testmsg){"x", 0, 0, 6, 0, 0});
	core_put(c, core_desc(c, 5), 0x35, 8);     /* reserved */
	core_put(c, core_desc(c, 1), 0x999, 8);    /* another's id */
	core_put(c, core_printk_info(c, 4), 7, 8); /* a number that jumps by three */
	g = read_log(c, 0);
	assert_int_equal(g.r, 0);
	assert_int_equal(g.stats.records, 4);
	assert_int_equal(g.stats.unfinished, 1);
	assert_int_equal(g.stats.damaged, 1);
	assert_int_equal(g.stats.lost, 3);
	assert_non_null(strstr(buf_str(&g.text), "(baton: 3 records lost here)\n"));
	assert_non_null(strstr(buf_str(&g.text), "(baton: 1 records were not finished)\n"));
	buf_done(&g.text);
	core_done(c);
}

/* The endless loop of the incumbents: a tail behind the head. The records are found all the same.
 */
static void wrong_head_or_tail_is_salvaged(void **state)
{
	(void)state;
	static const struct {
		uint64_t head, tail;
	} cases[] = {{0x40, 0x41}, {0x40, 0x10}, {0x5555, 0x5550}, {0, 0x3fffffffffffffff}};

	for (unsigned k = 0; k < 4; k++) {
		struct testcore *c = core_new(false, false);
		struct got g;

		core_prb(c, 4, 12, 0x3e); /* the newest lies before the others */
		for (unsigned i = 0; i < 3; i++)
			core_prb_add(c, (struct testmsg){"x", 0, 0, 6, 0, 0});
		core_put(c, CORE_RB + 24, cases[k].head, 8);
		core_put(c, CORE_RB + 32, cases[k].tail, 8);
		g = read_log(c, 0);
		assert_int_equal(g.r, 0);
		assert_true(g.stats.salvaged);
		assert_int_equal(g.stats.records, 3);
		assert_int_equal(g.stats.damaged, 0);
		buf_done(&g.text);
		core_done(c);
	}
}

/* vmcore-dmesg's heap over-read: positions that make no block, lengths longer than the block,
 * another's block. */
static void texts_stay_in_their_blocks(void **state)
{
	(void)state;
	struct testcore *c = core_new(false, false);
	struct got g;

	core_prb(c, 4, 12, 0x30);
	for (unsigned i = 0; i < 5; i++)
		core_prb_add(c, (struct testmsg){"12345678", 0, 0, 6, 0, 0});
	core_put(c, core_desc(c, 0) + 8, 0x100, 8);         /* begins behind its end, */
	core_put(c, core_desc(c, 0) + 16, 0x104, 8);        /* or too short for the id */
	core_put(c, core_desc(c, 1) + 16, 1ull << 40, 8);   /* larger than the ring */
	core_put(c, core_printk_info(c, 2) + 16, 65535, 2); /* longer than its block */
	core_put(c, core_desc(c, 3) + 8, 0, 8);             /* the block of record 0 */
	core_put(c, core_desc(c, 3) + 16, 16, 8);
	g = read_log(c, 0);
	assert_int_equal(g.r, 0);
	assert_int_equal(g.stats.damaged, 3);
	assert_string_equal(
		buf_str(&g.text),
		"(baton: the text of record 0 is lost)\n(baton: the text of record 1 is lost)\n"
		"[    0.000000] 12345678\n(baton: the text of record 3 is lost)\n"
		"[    0.000000] 12345678\n");
	buf_done(&g.text);
	core_done(c);
}

/* Blocks that lie over each other would make gigabytes out of a small ring. */
static void no_more_text_than_the_ring_holds(void **state)
{
	(void)state;
	struct testcore *c = core_new(false, false);
	struct got g;

	core_prb(c, 4, 10, 0x30);
	for (unsigned i = 0; i < 8; i++) {
		core_prb_add(c, (struct testmsg){"x", 0, 0, 6, 0, 0});
		core_put(c, core_desc(c, i) + 16, 1024, 8);
		core_put(c, core_printk_info(c, i) + 16, 1000, 2);
	}
	g = read_log(c, 0);
	assert_int_equal(g.stats.damaged, 7);
	buf_done(&g.text);
	core_done(c);
}

static void nonsense_is_named(void **state)
{
	(void)state;
	struct testcore *c = core_new(false, false);

	expect_failure(c, -ENODATA, "does not say where");
	core_prb(c, 4, 12, 0x30);
	core_put(c, CORE_RB, 63, 4);
	expect_failure(c, -EBADMSG, "2^63 records");
	core_put(c, CORE_PTR, 0x1234, 8);
	expect_failure(c, -ENODATA, "0x1234 is not in the dump");
	core_done(c);

	c = core_new(false, false);
	core_key(c, "SYMBOL(prb)=%llx", (unsigned long long)core_va(c, 0));
	expect_failure(c, -ENODATA, "SIZE(printk_ringbuffer)");
	core_key(c, "SIZE(printk_ringbuffer)=99999999999");
	expect_failure(c, -EBADMSG, "that cannot be");
	core_done(c);

	/* An offset near 2^64 must not wrap into the structure. */
	c = core_new(false, false);
	core_key(c, "OFFSET(printk_info.caller_id)=18446744073709551614");
	core_prb(c, 4, 12, 0x30);
	core_prb_add(c, (struct testmsg){"x", 0, 0, 6, 0, 0});
	expect_failure(c, -EBADMSG, "outside their structures");
	core_done(c);

	c = core_new(false, false);
	buf_done(&c->info);
	expect_failure(c, -ENODATA, "no vmcoreinfo");
	core_done(c);
}

/* No header maps the ring: one huge page of the linear map does, 0xffff888000000000 to 0. */
static void the_ring_is_found_through_page_tables(void **state)
{
	(void)state;
	enum { TOP = 0xd000, PRESENT = 1, HUGE = 0x80 };
	struct testcore *c = core_new(false, false);

	c->no_va = true;
	core_key(c, "SYMBOL(swapper_pg_dir)=%llx", 0xffffffff81000000ull + TOP);
	core_key(c, "NUMBER(phys_base)=%lld", (long long)CORE_PA - 0x1000000);
	core_put(c, TOP + 0x111 * 8, (CORE_PA + TOP + 0x1000) | PRESENT, 8);
	core_put(c, TOP + 0x1000, (CORE_PA + TOP + 0x2000) | PRESENT, 8);
	core_prb(c, 5, 12, 0x40);
	core_prb_add(c, (struct testmsg){"hello", 0, 0, 6, 0, 0});
	expect_failure(c, -ENODATA, "is not in the dump");
	core_put(c, TOP + 0x2000, PRESENT | HUGE, 8);
	expect(c, 0, "[    0.000000] hello\n");
	core_done(c);
}

static void nonsense_in_older_logs_is_named(void **state)
{
	(void)state;
	struct testcore *c = core_new(false, false);

	core_key(c, "SYMBOL(log_first_idx)=1");
	expect_failure(c, -ENODATA, "does not describe printk_log");
	core_log(c, "printk_log", 1000);
	expect_failure(c, -ENODATA, "log_first_idx at 0x1 is not in the dump");
	core_put(c, CORE_RB + 16, 0xffffffff, 4);
	expect_failure(c, -EBADMSG, "4294967295 bytes");
	core_done(c);

	c = core_new(false, false);
	core_key(c, "SYMBOL(log_first_idx)=1");
	core_key(c, "SIZE(printk_log)=8");
	core_log(c, "printk_log", 1000);
	expect_failure(c, -EBADMSG, "outside the structure");
	core_done(c);

	c = core_new(false, false);
	core_key(c, "SYMBOL(log_buf)=%llx", (unsigned long long)core_va(c, CORE_RB));
	expect_failure(c, -ENODATA, "SYMBOL(log_buf_len)");
	core_key(c, "SYMBOL(log_buf_len)=%llx", (unsigned long long)core_va(c, CORE_RB + 16));
	core_put(c, CORE_RB + 16, 0x7fffffff, 4);
	expect_failure(c, -EBADMSG, "plain text");
	core_done(c);
}

static int refuse(void *ctx, const char *line, size_t len)
{
	(void)line, (void)len;
	++*(int *)ctx;
	return -EPIPE;
}

static void a_failing_writer_ends_it(void **state)
{
	(void)state;
	struct testcore *c = core_new(false, false);
	struct dmesg_stats stats;
	struct err err = ERR_INIT;
	struct dump d;
	int calls = 0;

	core_prb(c, 4, 12, 0x30);
	for (unsigned i = 0; i < 5; i++)
		core_prb_add(c, (struct testmsg){"x\ny", 0, 0, 6, 0, 0});
	struct buf file = core_file(c);
	struct span bytes = buf_span(&file);
	struct elf_io io = {core_read_at, &bytes, bytes.len};

	assert_int_equal(dump_open(&io, &d, &err), 0);
	assert_int_equal(dmesg_read(&d, 0, refuse, &calls, &stats, &err), -EPIPE);
	assert_int_equal(calls, 1);
	dump_done(&d);
	buf_done(&file);
	core_done(c);
}

/* Records up to the end of the buffer, the mark, and on from its start; under both names of the
 * structure. */
static void record_log_wraps(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 4; kind++) {
		struct testcore *c = core_new(kind & 1, kind & 2);
		uint32_t at = 200;

		core_log(c, kind ? "printk_log" : "log", 300);
		at = core_log_add(c, at, (struct testmsg){"old", 0, 1000, 6, 0, 0}, 6);
		at = core_log_add(c, at, (struct testmsg){"two\nlines", 0, 2000, 4, 0, 0}, 6);
		assert_true(at < 300 - 16);
		at = core_log_add(c, 0, (struct testmsg){"new", 0, 3000000000, 3, 2, 0}, 6);
		core_log_bounds(c, 200, at);
		expect(c, DMESG_LEVELS,
		       "<6>[    0.000001] old\n<4>[    0.000002] two\n<4>[    0.000002] lines\n"
		       "<19>[    3.000000] new\n");
		core_done(c);
	}
}

static void record_log_glues_pieces(void **state)
{
	(void)state;
	enum { NEWLINE = 2, PREFIX = 4, CONT = 8 };
	struct testcore *c = core_new(false, false);
	uint32_t at = 0;

	core_log(c, "printk_log", 1000);
	at = core_log_add(c, at, (struct testmsg){"a", 0, 0, 6, 0, 0}, PREFIX | CONT);
	at = core_log_add(c, at, (struct testmsg){"b", 0, 0, 6, 0, 0}, CONT);
	at = core_log_add(c, at, (struct testmsg){"c", 0, 0, 6, 0, 0}, CONT | NEWLINE);
	at = core_log_add(c, at, (struct testmsg){"d", 0, 0, 6, 0, 0}, PREFIX | CONT);
	at = core_log_add(c, at, (struct testmsg){"e", 0, 0, 6, 0, 0}, PREFIX | NEWLINE);
	core_log_bounds(c, 0, at);
	expect(c, 0, "[    0.000000] abc\n[    0.000000] d\n[    0.000000] e\n");
	core_done(c);
}

static void record_log_damage_ends_it(void **state)
{
	(void)state;
	static const struct {
		uint64_t off, value;
		unsigned bytes;
	} cases[] = {
		{CORE_TEXT + 20 + 8, 3, 2},      /* shorter than its header: would loop */
		{CORE_TEXT + 20 + 8, 60000, 2},  /* runs off the buffer */
		{CORE_TEXT + 20 + 10, 60000, 2}, /* text longer than the record */
		{CORE_RB + 48, 0xfffff, 4},      /* an end that is never met: two jumps back */
	};

	for (unsigned k = 0; k < 4; k++) {
		struct testcore *c = core_new(false, false);
		uint32_t at = 0;
		struct got g;

		core_log(c, "printk_log", 1000);
		for (unsigned i = 0; i < 3; i++)
			at = core_log_add(c, at, (struct testmsg){"good", 0, 0, 6, 0, 0}, 6);
		core_log_bounds(c, 0, at);
		core_put(c, cases[k].off, cases[k].value, cases[k].bytes);
		g = read_log(c, 0);
		assert_int_equal(g.r, 0);
		assert_int_equal(g.stats.damaged, 1);
		assert_memory_equal(g.text.ptr, "[    0.000000] good\n", 20);
		assert_non_null(strstr(buf_str(&g.text), "what follows is lost"));
		buf_done(&g.text);
		core_done(c);
	}
}

static void flat_log_wraps(void **state)
{
	(void)state;
	static const char text[] = "<6>[    0.1] first\n<4>[    0.2] second\n";
	struct testcore *c = core_new(true, false);
	uint32_t size = 64, end = 100, len = sizeof(text) - 1;

	core_key(c, "SYMBOL(log_buf)=%llx", (unsigned long long)core_va(c, CORE_RB));
	core_key(c, "SYMBOL(log_buf_len)=%llx", (unsigned long long)core_va(c, CORE_RB + 16));
	core_key(c, "SYMBOL(log_end)=%llx", (unsigned long long)core_va(c, CORE_RB + 32));
	core_key(c, "SYMBOL(logged_chars)=%llx", (unsigned long long)core_va(c, CORE_RB + 48));
	core_put(c, CORE_RB, core_va(c, CORE_TEXT), 4);
	core_put(c, CORE_RB + 16, size, 4);
	core_put(c, CORE_RB + 32, end, 4);
	core_put(c, CORE_RB + 48, len, 4);
	for (uint32_t i = 0; i < len; i++)
		c->mem[CORE_TEXT + (end - len + i) % size] = (uint8_t)text[i];
	expect(c, DMESG_LEVELS, text);
	expect(c, 0, "[    0.1] first\n[    0.2] second\n");
	core_done(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prb_of_every_class_and_order),
		cmocka_unit_test(lines_are_prefixed_and_clean),
		cmocka_unit_test(rings_go_round),
		cmocka_unit_test(empty_lines_and_lost_texts),
		cmocka_unit_test(many_empty_records),
		cmocka_unit_test(unfinished_and_missing_records_are_counted),
		cmocka_unit_test(wrong_head_or_tail_is_salvaged),
		cmocka_unit_test(texts_stay_in_their_blocks),
		cmocka_unit_test(no_more_text_than_the_ring_holds),
		cmocka_unit_test(nonsense_is_named),
		cmocka_unit_test(the_ring_is_found_through_page_tables),
		cmocka_unit_test(nonsense_in_older_logs_is_named),
		cmocka_unit_test(a_failing_writer_ends_it),
		cmocka_unit_test(record_log_wraps),
		cmocka_unit_test(record_log_glues_pieces),
		cmocka_unit_test(record_log_damage_ends_it),
		cmocka_unit_test(flat_log_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
