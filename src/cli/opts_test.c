/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "cli/json.h"
#include "cli/opts.h"

static void numbers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
	} rows[] = {
		{"0", true, 0},
		{"4096", true, 4096},
		{"010", true, 10},
		{"0x10", true, 16},
		{"0X1f", true, 31},
		{"1K", true, 1024},
		{"2m", true, 2 << 20},
		{"0x3G", true, 3ull << 30},
		{"16T", true, 16ull << 40},
		{"18446744073709551615", true, UINT64_MAX},
		{"16777215T", true, 0xffffffull << 40},
		{"18446744073709551616", false, 0},
		{"16777216T", false, 0},
		{"", false, 0},
		{"0x", false, 0},
		{"-1", false, 0},
		{" 1", false, 0},
		{"1 ", false, 0},
		{"1KB", false, 0},
		{"1Q", false, 0},
		{"0x1g2", false, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t v = 0;

		if (opts_number(rows[i].text, &v) != rows[i].ok || v != rows[i].value) {
			print_error("'%s'\n", rows[i].text);
			assert_true(false);
		}
	}
}

struct taken {
	bool load, panic, file;
	const char *type;
	struct words append, ignored, operands;
	struct number max;
	struct range_list avoid;
	int choice;
};

/* Parses @line (words split at blanks; "_" stands for a blank) by a table of every kind. */
static int parse(struct taken *t, const char *line, struct err *err)
{
	static char words[400];
	char *argv[40], *save = NULL;
	int argc = 0;
	const struct opt table[] = {
		{"load", 'l', OPT_FLAG, &t->load, NULL, ""},
		{"load-panic", 'p', OPT_FLAG, &t->panic, NULL, ""},
		{"file", 's', OPT_FLAG, &t->file, NULL, ""},
		{"type", 't', OPT_STRING, &t->type, "T", ""},
		{"append", 0, OPT_LIST, &t->append, "T", ""},
		{"reset-vga", 0, OPT_IGNORE, &t->ignored, NULL, ""},
		{"dtb", 0, OPT_IGNORE_ARG, &t->ignored, "F", ""},
		{"mem-max", 0, OPT_NUMBER, &t->max, "A", ""},
		{"avoid", 0, OPT_RANGE, &t->avoid, "A-B", ""},
		{"syscall", 0, OPT_CHOICE, &t->choice, "auto|load|file", ""},
	};

	*t = (struct taken){.load = false};
	*err = (struct err)ERR_INIT;
	snprintf(words, sizeof(words), "x %s", line);
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	for (char *c = words; c < words + sizeof(words); c++)
		if (*c == '_')
			*c = ' ';
	argv[argc] = NULL;
	return opts_parse(table, sizeof(table) / sizeof(table[0]), argc, argv, &t->operands, err);
}

static void taken_done(struct taken *t)
{
	vec_done(&t->append);
	vec_done(&t->ignored);
	vec_done(&t->operands);
	vec_done(&t->avoid);
}

static void any_order(void **state)
{
	(void)state;
	struct taken t;
	struct err err;

	assert_int_equal(
		parse(&t, "-p kernel --append=a_b --append c -s --dtb f --reset-vga", &err), 0);
	assert_true(t.panic && t.file && !t.load);
	assert_int_equal(t.operands.n, 1);
	assert_string_equal(t.operands.v[0], "kernel");
	assert_int_equal(t.append.n, 2);
	assert_string_equal(t.append.v[0], "a b");
	assert_string_equal(t.append.v[1], "c");
	assert_int_equal(t.ignored.n, 2);
	taken_done(&t);
	assert_int_equal(parse(&t, "-ps -tbzImage --load -- -l", &err), 0);
	assert_true(t.panic && t.file && t.load);
	assert_string_equal(t.type, "bzImage");
	assert_string_equal(t.operands.v[0], "-l");
	taken_done(&t);
}

static void values(void **state)
{
	(void)state;
	struct taken t;
	struct err err;

	assert_int_equal(parse(&t, "--avoid 1M-0x1fffff --syscall file --mem-max=4G", &err), 0);
	assert_int_equal(t.avoid.n, 1);
	assert_true(t.avoid.v[0].start == 0x100000 && t.avoid.v[0].end == 0x200000);
	assert_int_equal(t.choice, 2);
	assert_true(t.max.set && t.max.value == 4ull << 30);
	taken_done(&t);
	assert_int_equal(parse(&t, "--avoid 0x10-0x10", &err), 0);
	assert_true(t.avoid.v[0].end - t.avoid.v[0].start == 1);
	taken_done(&t);
}

static void misuse_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *line, *says;
	} rows[] = {
		{"--nonsense", "unknown or ambiguous option '--nonsense'"},
		{"-q", "unknown option '-q'"},
		{"-pq kernel", "unknown option '-q'"},
		{"--load=1", "option '--load' takes no value"},
		{"--append", "option '--append' needs a value"},
		{"-t", "option '-t' needs a value"},
		{"--mem-max 12Q", "'--mem-max 12Q' is no number"},
		{"--avoid 12", "'--avoid': '12' is no range A-B"},
		{"--avoid 2-1", "'--avoid': range '2-1' ends before it begins"},
		{"--avoid a-b", "'--avoid': 'a-b' is no range"},
		{"--syscall fil", "'--syscall' takes auto|load|file, not 'fil'"},
		{"--syscall auto|load", "'--syscall' takes auto|load|file, not 'auto|load'"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct taken t;
		struct err err;
		int r = parse(&t, rows[i].line, &err);

		if (r != -EINVAL || strncmp(err.text, rows[i].says, strlen(rows[i].says)) != 0) {
			print_error("'%s': %d %s\n", rows[i].line, r, err.text);
			assert_true(false);
		}
		taken_done(&t);
	}
}

static void json_escapes(void **state)
{
	(void)state;
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	json_string(&j, "a", "q\" b\\ \n \x7f \xc3\xa4 \xff");
	json_tri(&j, "b", -1);
	json_open(&j, "c", '[');
	json_int(&j, NULL, 1);
	json_addr(&j, NULL, 0x1000);
	json_close(&j, ']');
	json_close(&j, '}');
	assert_false(j.bad);
	assert_string_equal(buf_str(&j.b),
			    "{\"a\":\"q\\\" b\\\\ \\u000a \\u007f \xc3\xa4 \\\\xff\","
			    "\"b\":null,\"c\":[1,\"0x1000\"]}");
	buf_done(&j.b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),      cmocka_unit_test(any_order),
		cmocka_unit_test(values),       cmocka_unit_test(misuse_is_told),
		cmocka_unit_test(json_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
