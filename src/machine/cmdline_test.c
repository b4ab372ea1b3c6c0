/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "machine/cmdline.h"

static struct span text(const char *s)
{
	return span_of(s, strlen(s));
}

/* Expected values follow next_arg() and parse_args() of Linux 6.1; NULL = not there. */
static void values_as_the_kernel_reads_them(void **state)
{
	(void)state;
	static const struct {
		const char *line, *name, *want;
	} table[] = {
		{"", "a", NULL},
		{"a=1 b=2", "a", "1"},
		{"a=1 b=2", "b", "2"},
		{"a=1 a=2", "a", "2"},
		{"quiet a=1", "quiet", ""},
		{"a= b", "a", ""},
		{"aa=1", "a", NULL},
		{"a=b=c", "a", "b=c"},
		{"a=1 -- a=2", "a", "1"},
		{"-- a=2", "a", NULL},
		{"--a=2", "--a", "2"},
		{"--=x a=2", "a", "2"}, /* has a value: no end */
		{"\"--\" a=2", "a", NULL},
		{"x-- a=2", "a", "2"},
		{"a=\"1 2\" b", "a", "1 2"},
		{"\"a=1 2\" b", "a", "1 2"},
		{"a=\"-- x\" b=3", "b", "3"},
		{"a=1\" 2\"", "a", "1\" 2\""},
		{"a=\"1", "a", "1"},
		{"a=\"1 b=2", "b", NULL},
		{"a=\"", "a", ""},
		{"\"\"", "", ""},
		{"\"a\" b", "a", ""},
		{"log-buf_len=4", "log_buf-len", "4"},
		{"a=x-y", "a", "x-y"},
		{"a=1\tb=2\nc=3", "b", "2"},
		{"a=1\240b=2", "b", "2"}, /* isspace(0xa0) holds in the kernel */
		{"=1 a=2", "a", "2"},
		{"==1", "=", "1"},
		{"x =1", "=1", ""}, /* a name may begin with it */
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct span got = cmdline_get(text(table[i].line), table[i].name);

		if (!table[i].want != !got.ptr)
			fail_msg("row %zu: %s", i, got.ptr ? "found" : "not found");
		if (table[i].want &&
		    (got.len != strlen(table[i].want) || memcmp(got.ptr, table[i].want, got.len)))
			fail_msg("row %zu: '%.*s'", i, (int)got.len, (const char *)got.ptr);
	}
}

static void occurrences_are_counted(void **state)
{
	(void)state;
	struct span line = text("console=tty0 console=ttyS0,115200 -- console=no");
	struct span got = cmdline_get_nth(line, "console", 1);

	assert_int_equal(got.len, 12);
	assert_memory_equal(got.ptr, "ttyS0,115200", 12);
	assert_memory_equal(cmdline_get_nth(line, "console", 0).ptr, "tty0", 4);
	assert_null(cmdline_get_nth(line, "console", 2).ptr);
}

static void strip_leaves_the_rest(void **state)
{
	(void)state;
	static const char *const names[] = {"crashkernel", "BOOT_IMAGE", NULL};
	static const struct {
		const char *line, *want;
	} table[] = {
		{"", ""},
		{"BOOT_IMAGE=/vmlinuz ro quiet", "ro quiet"},
		{"ro crashkernel=192M quiet", "ro quiet"},
		{"ro crashkernel=192M", "ro"},
		{"crashkernel=192M", ""},
		{"ro  crashkernel=192M  quiet", "ro  quiet"},
		{"a  b \"c  d\"", "a  b \"c  d\""},
		{"nocrashkernel=1 crashkernel=256M", "nocrashkernel=1"},
		{"crashkernel=1 crashkernel=2,high x crashkernel", "x"},
		{"x=\"a crashkernel=1 b\" crashkernel=\"a b\" y", "x=\"a crashkernel=1 b\" y"},
		{"ro -- crashkernel=1", "ro -- crashkernel=1"},
		{"ro crashkernel=1 -- crashkernel=1 ", "ro -- crashkernel=1 "},
		{"ro \"crashkernel=1 2\" rw", "ro rw"},
		{"ro ", "ro "},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct buf out = BUF_INIT;

		assert_int_equal(cmdline_strip(text(table[i].line), names, &out), 0);
		if (strcmp(buf_str(&out), table[i].want) || out.len != strlen(table[i].want))
			fail_msg("row %zu: '%s'", i, buf_str(&out));
		buf_done(&out);
	}
}

static void insert_stands_where_the_kernel_looks(void **state)
{
	(void)state;
	static const struct {
		const char *line, *want;
	} table[] = {
		{"", "w=1"},
		{"a", "a w=1"},
		{"a ", "a w=1"},
		{"a -- b", "a w=1 -- b"},
		{"-- b", "w=1 -- b"},
		{"a --", "a w=1 --"},
		{"a \"--\" b", "a w=1 \"--\" b"},
		{"a=\"x -- y\" b", "a=\"x -- y\" b w=1"},
		{"a b=\"never closed c", "a w=1 b=\"never closed c"},
		{"\"", "w=1 \""},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct buf line = BUF_INIT;

		assert_int_equal(buf_puts(&line, table[i].line), 0);
		assert_int_equal(cmdline_insert(&line, "w=1"), 0);
		if (strcmp(buf_str(&line), table[i].want))
			fail_msg("row %zu: '%s'", i, buf_str(&line));
		assert_non_null(cmdline_get(buf_span(&line), "w").ptr);
		buf_done(&line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_as_the_kernel_reads_them),
		cmocka_unit_test(occurrences_are_counted),
		cmocka_unit_test(strip_leaves_the_rest),
		cmocka_unit_test(insert_stands_where_the_kernel_looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
