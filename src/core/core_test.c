/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cursor.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/texts.h"
#include "core/vec.h"

static void err_grows_prefixes(void **state)
{
	(void)state;
	struct err err = ERR_INIT;

	assert_int_equal(wrap_file(&err, 0, "initrd", "good"), 0);
	assert_string_equal(err.text, "");
	assert_string_equal(err.file, "");
	int r = fail_at(&err, EBADMSG, 0x40, "size tag at 0x%x points off the image", 0x40);

	assert_int_equal(wrap_file(&err, r, "kernel", "vmlinuz"), -EBADMSG);
	assert_string_equal(err.text, "kernel 'vmlinuz': size tag at 0x40 points off the image");
	assert_string_equal(err.file, "vmlinuz");
	assert_true(err.has_offset && err.offset == 0x40);
}

static void buf_keeps_a_nul_behind(void **state)
{
	(void)state;
	struct buf b = BUF_INIT;

	assert_int_equal(buf_puts(&b, "ab"), 0);
	assert_int_equal(buf_printf(&b, "%d", 42), 0);
	assert_string_equal(buf_str(&b), "ab42");
	assert_int_equal(buf_zero(&b, 3), 0);
	assert_int_equal(b.len, 7);
	buf_done(&b);
	assert_string_equal(buf_str(&b), "");
}

static void cursor_is_sticky(void **state)
{
	(void)state;
	static const uint8_t bytes[] = {1, 2, 3, 4, 5};
	struct cursor c = cursor_le(span_of(bytes, sizeof(bytes)), 0);

	assert_int_equal(cursor_u32(&c), 0x04030201);
	assert_int_equal(cursor_u16(&c), 0);
	assert_true(c.bad);
	assert_int_equal(cursor_u8(&c), 0);
	c = cursor_be(span_of(bytes, sizeof(bytes)), 1);
	assert_int_equal(cursor_u32(&c), 0x02030405);
	c = cursor_le(span_of(bytes, sizeof(bytes)), 6);
	assert_true(c.bad);
}

static void vec_grows(void **state)
{
	(void)state;
	VEC(uint32_t) v = {0};

	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(vec_push(&v, i), 0);
	assert_int_equal(v.v[99], 99);
	vec_done(&v);
	assert_int_equal(v.n, 0);
}

/* A file that may grow to 100 bytes: the first write() is short, only the second one fails. */
static void a_short_write_is_not_the_end(void **state)
{
	(void)state;
	static const uint8_t data[200] = {1};
	struct rlimit old, limit;
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = (struct rlimit){100, old.rlim_max};
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	int r = file_write_all(fileno(f), span_of(data, sizeof(data)));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, handler);
	assert_int_equal(lseek(fileno(f), 0, SEEK_END), 100);
	assert_int_equal(r, -EFBIG);
	fclose(f);
}

static void texts_own_their_strings(void **state)
{
	(void)state;
	struct texts t = {0};

	for (int i = 0; i < 20; i++)
		assert_int_equal(texts_add(&t, "%s %d", "no", i), 0);
	assert_int_equal(t.n, 20);
	assert_string_equal(t.v[19], "no 19");
	texts_done(&t);
	assert_int_equal(t.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err_grows_prefixes),
		cmocka_unit_test(buf_keeps_a_nul_behind),
		cmocka_unit_test(cursor_is_sticky),
		cmocka_unit_test(vec_grows),
		cmocka_unit_test(texts_own_their_strings),
		cmocka_unit_test(a_short_write_is_not_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
