/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/put.h"
#include "image/image.h"

enum { LEN = 0x20000 + 4, OFFSET = 0x208000, BSS = 0x5e4d4 };

/* As Debian 6.1's armmp begins, and ends; no byte between matters. */
static uint8_t *make(uint32_t page_offset, uint32_t add, uint32_t sub)
{
	uint8_t *p = calloc(1, LEN);

	put_le(p, 0xeb04402e, 4);
	put_le(p + 0x84, add, 4);
	put_le(p + 0x88, sub, 4);
	strcpy((char *)p + 0x9000, "Linux version 6.1.0-50-armmp (a@b)");
	/* what begins alike, but is no pair */
	put_le(p + 0xa000, page_offset + OFFSET + LEN, 4);
	put_le(p + 0x1f414, page_offset + OFFSET + LEN, 4);
	put_le(p + 0x1f418, page_offset + OFFSET + LEN + BSS, 4);
	return p;
}

static void code_tells(void **state)
{
	(void)state;
	static const uint32_t splits[] = {0x40000000, 0x80000000, 0xb0000000, 0xc0000000};

	for (unsigned i = 0; i < 4; i++) {
		/* add r4, r8, #0x208000; sub r4, r4, #0x4000, or #0x5000 */
		uint8_t *p = make(splits[i], 0xe2884982, i & 1 ? 0xe2444a05 : 0xe2444901);
		struct image m;
		struct err err = ERR_INIT;

		assert_int_equal(image_parse(span_of(p, LEN), &m, &err), 0);
		assert_string_equal(m.arch, "arm");
		assert_string_equal(image_format_name(m.format), "Image");
		assert_int_equal(m.bits, 32);
		assert_int_equal(m.li.text_offset, OFFSET);
		assert_int_equal(m.li.image_size, LEN + BSS);
		assert_int_equal(m.footprint_running, LEN + BSS);
		assert_string_equal(m.version, "6.1.0-50-armmp");
		free(p);
	}
}

static void what_is_none(void **state)
{
	(void)state;
	struct image m;
	struct err err = ERR_INIT;
	uint8_t *p = make(0xc0000000, 0xe2884982, 0xe2544901); /* subs */

	assert_int_equal(image_parse(span_of(p, LEN), &m, &err), -ENOEXEC);
	put_le(p + 0x88, 0xe2455901, 4); /* of another register */
	assert_int_equal(image_parse(span_of(p, LEN), &m, &err), -ENOEXEC);
	put_le(p + 0x88, 0xe2444901, 4);
	put_le(p + 0x84, 0xe2884a01, 4); /* an offset of 0x1000 */
	assert_int_equal(image_parse(span_of(p, LEN), &m, &err), -ENOEXEC);
	put_le(p + 0x84, 0xe2884982, 4);
	assert_int_equal(image_parse(span_of(p, LEN), &m, &err), 0);
	assert_int_equal(image_parse(span_of(p, LEN - 0x2000), &m, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "is it cut?"));
	memset(p + 0x9000, 0, 64);
	assert_int_equal(image_parse(span_of(p, LEN), &m, &err), -ENOEXEC);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_tells),
		cmocka_unit_test(what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
