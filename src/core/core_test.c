/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "base/cursor.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/vec.h"

static void err_grows_prefixes(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err_grows_prefixes),
		cmocka_unit_test(buf_keeps_a_nul_behind),
		cmocka_unit_test(cursor_is_sticky),
		cmocka_unit_test(vec_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
