/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "core/escape.h"
#include "plan/picture.h"

static struct plan_segment two[] = {
	{SEG_KERNEL,
	 0x1000000,
	 0x3000000,
	 {NULL, 0xd00000},
	 0xd00000,
	 "its preferred address 0x1000000 is free"},
	{SEG_PURGATORY, 0x7ffdb000, 0x5000, {NULL, 0x4100}, 0, "highest <4 KiB>-aligned hole"},
};

static struct mem_range pc[] = {
	{{0, 0x9fc00}, MEM_RAM},
	{{0x9fc00, 0xa0000}, MEM_RESERVED},
	{{0xf0000, 0x100000}, MEM_RESERVED},
	{{0x100000, 0x7ffe0000}, MEM_RAM},
};

static struct plan example(void)
{
	struct plan p = {
		.verified_by = VERIFIED_BATON, .entry = 0x7ffdb100, .kernel_entry = 0x1000200};

	snprintf(p.arch, sizeof(p.arch), "x86_64");
	snprintf(p.image_file, sizeof(p.image_file), "/boot/vmlinuz");
	snprintf(p.image_format, sizeof(p.image_format), "bzImage");
	p.segments.v = two;
	p.segments.n = 2;
	p.memory.v = pc;
	p.memory.n = 4;
	return p;
}

static const char plan_as_json[] =
	"{\"schema\":1,\"arch\":\"x86_64\",\"crash\":false,\"syscall\":\"load\",\"verified_by\":"
	"\"baton\","
	"\"image\":{\"file\":\"/boot/vmlinuz\",\"format\":\"bzImage\",\"version\":null},"
	"\"entry\":\"0x7ffdb100\",\"kernel_entry\":\"0x1000200\","
	"\"cmdline\":\"a \\\"b\\\" caf\xc3\xa9 \\\\xff "
	"\\u0001\",\"added_cmdline\":[\"elfcorehdr=1\"],\"segments\":["
	"{\"kind\":\"kernel\",\"mem\":\"0x1000000\",\"memsz\":50331648,\"bufsz\":13631488,"
	"\"reason\":\"its preferred address 0x1000000 is free\"},"
	"{\"kind\":\"purgatory\",\"mem\":\"0x7ffdb000\",\"memsz\":20480,\"bufsz\":16640,"
	"\"reason\":\"highest <4 KiB>-aligned hole\"}],\"warnings\":[\"w\"]}\n";

static const char file_plan_as_json[] =
	"{\"schema\":1,\"arch\":\"x86_64\",\"crash\":false,\"syscall\":\"file\",\"verified_by\":"
	"\"kernel\","
	"\"image\":{\"file\":\"/boot/vmlinuz\",\"format\":\"bzImage\",\"version\":null},"
	"\"entry\":null,\"kernel_entry\":null,\"cmdline\":\"\",\"added_cmdline\":[],\"segments\":["
	"{\"kind\":\"kernel\",\"mem\":null,\"memsz\":null,\"bufsz\":13631488,\"reason\":null},"
	"{\"kind\":\"initrd\",\"mem\":null,\"memsz\":null,\"bufsz\":7,\"reason\":null}],"
	"\"warnings\":[]}\n";

static void json_is_the_contract(void **state)
{
	(void)state;
	struct plan p = example();
	char *added[] = {(char[]){"elfcorehdr=1"}}, *warnings[] = {(char[]){"w"}};
	struct buf out = BUF_INIT;

	p.added_cmdline.v = added;
	p.warnings.v = warnings;
	p.added_cmdline.n = p.warnings.n = 1;
	assert_int_equal(buf_puts(&p.cmdline, "a \"b\" caf\xc3\xa9 \xff \x01"), 0);
	assert_int_equal(plan_json(&p, &out), 0);
	assert_string_equal(buf_str(&out), plan_as_json);
	buf_done(&p.cmdline);
	buf_done(&out);
}

static void file_plans_leave_places_open(void **state)
{
	(void)state;
	struct plan_segment files[] = {{.kind = SEG_KERNEL, .data = {NULL, 0xd00000}},
				       {.kind = SEG_INITRD, .data = {NULL, 7}}};
	struct plan p = example();
	struct buf out = BUF_INIT;

	p.syscall = PLAN_FILE;
	p.verified_by = VERIFIED_KERNEL;
	p.entry = p.kernel_entry = 0;
	p.segments.v = files;
	assert_int_equal(plan_json(&p, &out), 0);
	assert_string_equal(buf_str(&out), file_plan_as_json);
	out.len = 0;
	assert_int_equal(plan_text(&p, true, &out), 0);
	assert_non_null(strstr(buf_str(&out), "kexec_file_load, 2 files"));
	assert_null(strstr(buf_str(&out), "#####"));
	buf_done(&out);
}

static const char plan_as_text[] =
	"Plan: a kernel to jump to\n"
	"  image          /boot/vmlinuz\n"
	"  kernel         unknown version, bzImage, x86_64\n"
	"  system call    kexec_load, 2 segments\n"
	"  verification   verified by baton: our purgatory checks SHA-256 digests before the jump\n"
	"  entry          0x7ffdb100 (purgatory), then 0x1000200 (kernel)\n"
	"  command line   quiet \\x1b[31m\n"
	"\n"
	"Segments\n"
	"  kernel         0x000001000000-0x000003ffffff     48 MiB, 13 MiB loaded\n"
	"                 its preferred address 0x1000000 is free\n"
	"  purgatory      0x00007ffdb000-0x00007ffdffff     20 KiB, 16.2 KiB loaded\n"
	"                 highest <4 KiB>-aligned hole\n"
	"\n"
	"Memory (# segment, . RAM, : crash kernel region, x not for us; not to scale)\n"
	"  0x000000000000 |........|    639 KiB  RAM\n"
	"  0x00000009fc00 |xxxxxxxx|      1 KiB  reserved\n"
	"  0x0000000a0000 |        |    320 KiB  not memory\n"
	"  0x0000000f0000 |xxxxxxxx|     64 KiB  reserved\n"
	"  0x000000100000 |........|     15 MiB  RAM\n"
	"  0x000001000000 |########|     48 MiB  * kernel\n"
	"                 |########|\n"
	"  0x000004000000 |........|   1.94 GiB  RAM\n"
	"                 |........|\n"
	"                 |........|\n"
	"  0x00007ffdb000 |########|     20 KiB  * purgatory\n"
	"  0x00007ffe0000\n"
	"\n"
	"What was tried and rejected\n"
	"  kernel: hole 0x0-0x1 is too small\n"
	"  initrd: no\n"
	"\n"
	"Warnings\n"
	"  ! mind the \\x07\n";

static void text_draws_the_memory(void **state)
{
	(void)state;
	struct plan p = example();
	char *warnings[] = {(char[]){"mind the \a"}};
	struct buf out = BUF_INIT;

	p.warnings.v = warnings;
	p.warnings.n = 1;
	assert_int_equal(buf_puts(&p.cmdline, "quiet \033[31m"), 0);
	assert_int_equal(buf_puts(&p.explain, "kernel: hole 0x0-0x1 is too small\ninitrd: no\n"),
			 0);
	assert_int_equal(plan_text(&p, true, &out), 0);
	assert_string_equal(buf_str(&out), plan_as_text);
	out.len = 0;
	assert_int_equal(plan_text(&p, false, &out), 0);
	assert_null(strstr(buf_str(&out), "hole"));
	buf_done(&p.cmdline);
	buf_done(&p.explain);
	buf_done(&out);
}

static void picture_lays_crash_and_segments_over_the_map(void **state)
{
	(void)state;
	struct range region = {0x20000000, 0x30000000};
	struct plan_segment s[] = {{.kind = SEG_KERNEL, .mem = 0x21000000, .memsz = 0x2000000},
				   {.kind = SEG_INITRD, .mem = 0x2f000000, .memsz = 0x1000000}};
	static const struct {
		enum picture_kind kind;
		uint64_t start;
	} want[] = {{PICTURE_RAM, 0x100000},       {PICTURE_CRASH, 0x20000000},
		    {PICTURE_SEGMENT, 0x21000000}, {PICTURE_CRASH, 0x23000000},
		    {PICTURE_SEGMENT, 0x2f000000}, {PICTURE_RAM, 0x30000000}};
	struct plan p = example();
	struct picture pic = {0};

	p.segments.v = s;
	p.memory.v = pc + 3;
	p.memory.n = 1;
	p.crash_regions.v = &region;
	p.crash_regions.n = 1;
	assert_int_equal(picture_make(&p, &pic), 0);
	assert_int_equal(pic.n, 6);
	for (size_t i = 0; i < pic.n; i++) {
		assert_int_equal(pic.v[i].kind, want[i].kind);
		assert_int_equal(pic.v[i].at.start, want[i].start);
		assert_int_equal(pic.v[i].at.end, i + 1 < pic.n ? want[i + 1].start : 0x7ffe0000);
	}
	vec_done(&pic);
}

/* However many ranges: few blocks, no byte lost, every segment there. */
static void picture_is_bounded(void **state)
{
	(void)state;
	enum { RANGES = 20000 };
	struct mem_range *map = calloc(RANGES, sizeof(*map));
	struct plan p = example();
	struct picture pic = {0};
	uint64_t ram = 0;
	size_t segments = 0;

	assert_non_null(map);
	for (uint64_t i = 0; i < RANGES; i++)
		map[i] = (struct mem_range){{i * 0x40000, i * 0x40000 + 0x30000 + i % 7 * 0x1000},
					    i % 3 ? MEM_RAM : MEM_RESERVED};
	p.memory.v = map;
	p.memory.n = RANGES;
	assert_int_equal(picture_make(&p, &pic), 0);
	assert_true(pic.n >= 5 && pic.n <= PICTURE_BLOCKS);
	for (size_t i = 0; i < pic.n; i++) {
		if (i)
			assert_int_equal(pic.v[i].at.start, pic.v[i - 1].at.end);
		segments += pic.v[i].kind == PICTURE_SEGMENT;
		ram += pic.v[i].merged > 1            ? pic.v[i].ram
		       : pic.v[i].kind == PICTURE_RAM ? range_size(pic.v[i].at)
						      : 0;
	}
	assert_int_equal(segments, 2);
	for (size_t i = 0; i < RANGES; i++)
		for (size_t k = 0; map[i].kind == MEM_RAM && k < 2; k++) {
			struct range s = {two[k].mem, two[k].mem + two[k].memsz};

			ram += range_size(range_meet(s, map[i].at));
			ram -= k ? 0 : range_size(map[i].at);
		}
	assert_int_equal(ram, 0);
	vec_done(&pic);
	free(map);
}

static void escapes(void **state)
{
	(void)state;
	static const struct {
		const char *in, *utf8, *terminal, *xml;
	} t[] = {
		{"plain", "plain", "plain", "plain"},
		{"a<b>&\"'", "a<b>&\"'", "a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;"},
		{"\x1b\n", "\x1b\n", "\\x1b\\x0a", "\\x1b\\x0a"},
		{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		 "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
		/* overlong, surrogate, beyond Unicode, cut short, stray, C1, no XML character */
		{"\xc0\x80", "\\xc0\\x80", "\\xc0\\x80", "\\xc0\\x80"},
		{"\xe0\x9f\xbf", "\\xe0\\x9f\\xbf", "\\xe0\\x9f\\xbf", "\\xe0\\x9f\\xbf"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80"},
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80",
		 "\\xf4\\x90\\x80\\x80"},
		{"\xe2\x82", "\\xe2\\x82", "\\xe2\\x82", "\\xe2\\x82"},
		{"\xe2\x82x", "\\xe2\\x82x", "\\xe2\\x82x", "\\xe2\\x82x"},
		{"\x80x", "\\x80x", "\\x80x", "\\x80x"},
		{"\xc2\x9b", "\xc2\x9b", "\\xc2\\x9b", "\\xc2\\x9b"},
		{"\xef\xbf\xbf", "\xef\xbf\xbf", "\xef\xbf\xbf", "\\xef\\xbf\\xbf"},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct span in = span_of(t[i].in, strlen(t[i].in));
		struct buf a = BUF_INIT, b = BUF_INIT, c = BUF_INIT;

		assert_int_equal(escape_utf8(in, &a) | escape_terminal(in, &b) | escape_xml(in, &c),
				 0);
		assert_string_equal(buf_str(&a), t[i].utf8);
		assert_string_equal(buf_str(&b), t[i].terminal);
		assert_string_equal(buf_str(&c), t[i].xml);
		buf_done(&a);
		buf_done(&b);
		buf_done(&c);
	}
}

static void svg_is_whole_and_escaped(void **state)
{
	(void)state;
	struct plan p = example();
	struct buf out = BUF_INIT;

	snprintf(p.image_file, sizeof(p.image_file), "</text><script>");
	assert_int_equal(buf_puts(&p.cmdline, "a=\"<&>\" "), 0);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(buf_puts(&p.cmdline, "wordword "), 0);
	assert_int_equal(plan_svg(&p, &out), 0);
	assert_memory_equal(out.ptr, "<?xml version=\"1.0\"", 19);
	assert_string_equal(buf_str(&out) + out.len - 7, "</svg>\n");
	assert_null(strstr(buf_str(&out), "<script"));
	assert_non_null(strstr(buf_str(&out), "a=&quot;&lt;&amp;&gt;&quot; "));
	assert_non_null(strstr(buf_str(&out), "highest &lt;4 KiB&gt;-aligned hole"));
	assert_non_null(strstr(buf_str(&out), " more bytes)</text>"));
	assert_non_null(strstr(buf_str(&out), ">purgatory<"));
	buf_done(&p.cmdline);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_the_contract),
		cmocka_unit_test(file_plans_leave_places_open),
		cmocka_unit_test(text_draws_the_memory),
		cmocka_unit_test(picture_lays_crash_and_segments_over_the_map),
		cmocka_unit_test(picture_is_bounded),
		cmocka_unit_test(escapes),
		cmocka_unit_test(svg_is_whole_and_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
