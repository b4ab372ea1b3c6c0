/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "elf/symvers.h"

static int parse(const char *text, struct symvers *l, struct err *err)
{
	return symvers_parse(span_of(text, strlen(text)), l, err);
}

static void is(const struct symver *s, const char *name, uint32_t crc)
{
	assert_int_equal(s->name.len, strlen(name));
	assert_memory_equal(s->name.ptr, name, s->name.len);
	assert_int_equal(s->crc, crc);
}

/* As Linux wrote them: three columns in 2.6, four until 5.3, namespace fourth from the end in 5.4,
 * last since 5.6. */
static void every_age(void **state)
{
	static const char *const texts[] = {
		"0x12\tb\tvmlinux\n0xdeadbeef\ta\tvmlinux\n0x1\tc\tfs/ext4/ext4\n",
		"0x00000012\tb\tvmlinux\tEXPORT_SYMBOL\n0xDEADBEEF\ta\tvmlinux\tEXPORT_SYMBOL_GPL\n"
		"0x1\tc\tfs/ext4/ext4\tEXPORT_SYMBOL",
		"0x00000012\tb\t\tvmlinux\tEXPORT_SYMBOL\n0xdeadbeef\ta\tMM\tvmlinux\tEXPORT_"
		"SYMBOL_GPL\n"
		"0x00000001\tc\t\tfs/ext4/ext4\tEXPORT_SYMBOL\n",
		"0x00000012\tb\tvmlinux\tEXPORT_SYMBOL\t\n0xdeadbeef\ta\tvmlinux\tEXPORT_SYMBOL_"
		"GPL\tMM\n"
		"\n0x00000001\tc\tfs/ext4/ext4\tEXPORT_SYMBOL\t",
	};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct symvers l = {0};
		struct err err = ERR_INIT;

		if (parse(texts[i], &l, &err))
			fail_msg("%u: %s", i, err.text);
		assert_int_equal(l.n, 2);
		is(&l.v[0], "a", 0xdeadbeef);
		is(&l.v[1], "b", 0x12);
		vec_done(&l);
	}
}

static void bad_lines(void **state)
{
	static const char *const texts[] = {
		"12\tb\tvmlinux\n",
		"0x\tb\tvmlinux\n",
		"0x123456789\tb\tvmlinux\n",
		"0x1g\tb\tvmlinux\n",
		"0x1\t\tvmlinux\n",
		"0x1\tb\n",
		"0x1 b vmlinux EXPORT_SYMBOL\n",
		"0x1\ta\tvmlinux\tEXPORT_SYMBOL\t\tx\n",
		"0x\x11\ta\tvmlinux\n",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct symvers l = {0};
		struct err err = ERR_INIT;
		char two[128];

		snprintf(two, sizeof(two), "0x1\ta\tvmlinux\n%s", texts[i]);
		if (parse(two, &l, &err) != -EBADMSG)
			fail_msg("taken: %s", texts[i]);
		assert_non_null(strstr(err.text, "line 2"));
		assert_null(l.v);
	}
}

static void nothing_of_the_kernel(void **state)
{
	struct symvers l = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(parse("0x1\tc\tfs/ext4/ext4\tEXPORT_SYMBOL\t\n", &l, &err), -ENOTSUP);
	assert_int_equal(parse("", &l, &err), -ENOTSUP);
}

static void order(void **state)
{
	(void)state;
	assert_true(symvers_compare(span_of("ab", 2), span_of("abc", 3)) < 0);
	assert_true(symvers_compare(span_of("\xff", 1), span_of("a", 1)) > 0);
	assert_int_equal(symvers_compare(span_of("x", 1), span_of("x", 1)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_age),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(nothing_of_the_kernel),
		cmocka_unit_test(order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
