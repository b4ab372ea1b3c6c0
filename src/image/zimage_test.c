/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "base/put.h"
#include "image/render.h"
#include "image/zimage.h"

/* As Debian 6.1's armmp, but short: the table at 0x80, the size word last, an EFI header in front.
 */
#define SIZE  0x200
#define TABLE 0x80
#define AT    (SIZE - 4)

static void make(uint8_t *p, uint32_t words)
{
	const uint32_t tag[] = {words, ZI_TAG_SIZES, AT, 0x5e4d4, 0x208000, 0x10000, 0};

	memset(p, 0, SIZE);
	put_le(p + ZI_MAGIC, ZI_MAGIC_WORD, 4);
	put_le(p + ZI_END, SIZE, 4);
	put_le(p + ZI_ENDIAN, 0x04030201, 4);
	put_le(p + ZI_MAGIC2, ZI_MAGIC2_WORD, 4);
	put_le(p + ZI_TABLE, TABLE, 4);
	for (uint32_t i = 0; i < 7; i++)
		put_le(p + TABLE + 4 * i, tag[i], 4);
	if (words < 6) /* what the older table ends with */
		put_le(p + TABLE + 16, 0, 4);
	put_le(p + AT, 0x13a10b4, 4);
}

static void reads_the_sizes(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	struct image m;

	make(p, 6);
	assert_int_equal(image_parse(span_of(p, SIZE), &m, NULL), 0);
	assert_int_equal(m.format, IMAGE_ZIMAGE);
	assert_string_equal(m.arch, "arm");
	assert_int_equal(m.bits, 32);
	assert_true(m.relocatable && !m.big);
	assert_int_equal(m.unpacked_size, 0x13a10b4);
	assert_int_equal(m.zi.bss_size, 0x5e4d4);
	assert_int_equal(m.zi.text_offset, 0x208000);
	assert_int_equal(m.zi.malloc_size, 0x10000);
	assert_int_equal(m.footprint_running, 0x208000 + 0x13a10b4 + 0x5e4d4);
	/* bss is larger than the moved image and its heap here; with a real size it is not */
	assert_int_equal(m.footprint_unpacking, 0x208000 + 0x13a10b4 + 0x5e4d4);
	put_le(p + TABLE + 12, 0x1000, 4);
	assert_int_equal(zimage_parse(span_of(p, SIZE), &m, NULL), 0);
	assert_int_equal(m.footprint_unpacking, 0x208000 + 0x13a10b4 + SIZE + 0x10000 + 0x10000);
}

/* What is not told is assumed at its worst. */
static void older_tables_are_shorter(void **state)
{
	(void)state;
	for (uint32_t words = 2; words <= 4; words += 2) {
		uint8_t p[SIZE];
		struct image m;

		make(p, words);
		assert_int_equal(zimage_parse(span_of(p, SIZE), &m, NULL), 0);
		assert_int_equal(m.unpacked_size, 0x13a10b4);
		assert_int_equal(m.zi.text_offset, 0);
		assert_int_equal(m.footprint_running, 0x308000 + 0x13a10b4 + 0x5e4d4);
	}
}

static void other_tags_are_passed(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	struct image m;

	make(p, 6);
	memmove(p + TABLE + 12, p + TABLE, 28);
	put_le(p + TABLE, 3, 4);
	put_le(p + TABLE + 4, 0x1234, 4);
	assert_int_equal(zimage_parse(span_of(p, SIZE), &m, NULL), 0);
	assert_int_equal(m.zi.text_offset, 0x208000);
}

static void without_a_table_sizes_are_unknown(void **state)
{
	(void)state;
	uint8_t p[SIZE + 8];
	struct image m;

	make(p, 6);
	put_le(p + ZI_MAGIC2, 0xe1a00000, 4);
	put_le(p + ZI_ENDIAN, 0x01020304, 4);
	memcpy(p + SIZE, "\xd0\x0d\xfe\xed", 4);
	assert_int_equal(zimage_parse(span_of(p, SIZE + 8), &m, NULL), 0);
	assert_true(m.big);
	assert_int_equal(m.footprint_unpacking, 0);
	assert_int_equal(m.unpacked_size, 0);
	assert_int_equal(m.zi.image_size, SIZE); /* less than the file: something is appended */
}

static void damage_is_named(void **state)
{
	(void)state;
	static const struct {
		uint32_t at, value;
		const char *text;
	} t[] = {
		{ZI_ENDIAN, 7, "0x00000007 at 0x30 is no byte order"},
		{ZI_END, SIZE + 1, "file ends at 0x200, its header says 0x201"},
		{ZI_END, 0x30, "no room for code"},
		{ZI_START, SIZE + 4, "no room for code"},
		{ZI_TABLE, SIZE - 2, "runs off the image's 0x200 bytes"},
		{ZI_TABLE, UINT32_MAX, "tag table at 0xffffffff runs off"},
		{TABLE + 8, AT + 1, "size tag at 0x80 points at no size, 0x1fd"},
		{AT, 0, "points at no size"},
		{TABLE + 4, 1, "runs off"},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		uint8_t p[SIZE];
		struct image m;
		struct err err = ERR_INIT;

		make(p, 6);
		if (t[i].at == TABLE + 4) /* a tag of another kind that never ends */
			put_le(p + TABLE, 0x40000000, 4);
		put_le(p + t[i].at, t[i].value, 4);
		assert_int_equal(zimage_parse(span_of(p, SIZE), &m, &err), -EBADMSG);
		if (!strstr(err.text, t[i].text))
			fail_msg("row %zu: %s", i, err.text);
	}
}

static void cut_files_are_damaged(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	struct image m;

	make(p, 6);
	for (size_t n = 0; n < SIZE; n++)
		assert_int_equal(zimage_parse(span_of(p, n), &m, NULL),
				 n < ZI_START ? -ENOEXEC : -EBADMSG);
	p[ZI_MAGIC] ^= 1; /* another file */
	assert_int_equal(zimage_parse(span_of(p, SIZE), &m, NULL), -ENOEXEC);
}

static void is_shown(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	struct image m;
	struct buf text = BUF_INIT;

	make(p, 6);
	assert_int_equal(zimage_parse(span_of(p, SIZE), &m, NULL), 0);
	assert_int_equal(image_text(&m, "k", &text), 0);
	assert_non_null(strstr(buf_str(&text), "format       zImage\n"));
	assert_non_null(strstr(buf_str(&text), "for          arm, 32 bits, little-endian\n"));
	assert_non_null(strstr(buf_str(&text), "unpacks 0x208000 behind the start of RAM"));
	buf_done(&text);
}

/* gzip by stored blocks: no compressor is needed. RFC 1951 3.2.4, RFC 1952. */
static size_t store(uint8_t *out, const uint8_t *data, size_t len)
{
	static const uint8_t head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
	uint32_t crc = UINT32_MAX;
	uint8_t *at = out + sizeof(head);

	memcpy(out, head, sizeof(head));
	for (size_t done = 0, n; done < len; done += n, at += n) {
		n = len - done < 0xffff ? len - done : 0xffff;
		*at++ = done + n == len;
		put_le(at, n, 2);
		put_le(at + 2, ~n & 0xffff, 2);
		memcpy(at += 4, data + done, n);
	}
	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (unsigned k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	put_le(at, ~crc & UINT32_MAX, 4);
	put_le(at + 4, len, 4);
	return (size_t)(at + 8 - out);
}

enum { KERNEL = 100000, OLD = KERNEL + 0x1000 };

/* The start-up code and the table of an Image that tell what a tag would: arm_image_test.c. */
static void put_image(uint8_t *kernel)
{
	put_le(kernel + 0x84, 0xe2884902, 4); /* add r4, r8, #0x8000 */
	put_le(kernel + 0x88, 0xe2444901, 4); /* sub r4, r4, #0x4000 */
	put_le(kernel + 0x6000, 0xc0008000 + KERNEL, 4);
	put_le(kernel + 0x6004, 0xc0008000 + KERNEL + 0x5678, 4);
}

/* Before Linux 4.15: no tag. What looks like a payload and is none comes first, @fakes times. */
static size_t make_old(uint8_t *p, unsigned fakes, bool tells)
{
	static uint8_t kernel[KERNEL];

	memset(kernel, 'k', sizeof(kernel));
	strcpy((char *)kernel + 5000, "Linux version 3.2.0-4-vexpress (who@where) ...");
	if (tells)
		put_image(kernel);
	memset(p, 0, OLD);
	put_le(p + ZI_MAGIC, ZI_MAGIC_WORD, 4);
	put_le(p + ZI_ENDIAN, 0x04030201, 4);
	memcpy(p + 0x60, "\x1f\x8b\x08 no kernel", 13); /* not even a header */
	for (unsigned i = 0; i < fakes; i++)
		memcpy(p + 0x100 + i * 12, "\x1f\x8b\x08\0\0\0\0\0\2\3\xff\xff", 12);
	size_t size = 0x200 + store(p + 0x200, kernel, sizeof(kernel)) + 8;

	put_le(p + ZI_END, size, 4);
	return size;
}

static void an_old_image_is_measured(void **state)
{
	(void)state;
	static uint8_t p[OLD];
	size_t size = make_old(p, 7, false);
	struct err err = ERR_INIT;
	struct image m;

	assert_int_equal(zimage_parse(span_of(p, size), &m, NULL), 0);
	assert_int_equal(m.footprint_running, 0);
	assert_int_equal(zimage_measure(&m, &err), 0);
	assert_int_equal(m.compression, COMP_GZIP);
	assert_int_equal(m.payload_off, 0x200);
	assert_int_equal(m.payload_off + m.payload_size + 8, size);
	assert_int_equal(m.unpacked_size, KERNEL);
	assert_string_equal(m.version, "3.2.0-4-vexpress");
	assert_int_equal(m.footprint_running, 0x308000 + KERNEL + ZI_BSS_GUESS);
	assert_int_equal(m.footprint_unpacking, m.footprint_running);
	assert_true(m.guessed);
	/* Its start-up code tells. */
	size = make_old(p, 7, true);
	assert_int_equal(zimage_parse(span_of(p, size), &m, NULL), 0);
	assert_int_equal(zimage_measure(&m, &err), 0);
	assert_false(m.guessed);
	assert_int_equal(m.zi.text_offset, 0x8000);
	assert_int_equal(m.zi.bss_size, 0x5678);
	assert_int_equal(m.footprint_running, 0x8000 + KERNEL + 0x5678);
	assert_int_equal(m.footprint_unpacking, 0x8000 + KERNEL + size + 0x20000);
	/* damaged: the CRC is wrong */
	p[0x200 + 6000] ^= 1;
	assert_int_equal(zimage_parse(span_of(p, size), &m, NULL), 0);
	assert_int_equal(zimage_measure(&m, &err), -ENOTSUP);
	assert_int_equal(m.footprint_running, 0);
}

/* Each could unpack to 120 MiB before it turns out to be none. */
static void looking_for_the_kernel_has_an_end(void **state)
{
	(void)state;
	static uint8_t p[OLD];
	size_t size = make_old(p, 8, false);
	struct image m;

	assert_int_equal(zimage_parse(span_of(p, size), &m, NULL), 0);
	assert_int_equal(zimage_measure(&m, NULL), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_old_image_is_measured),
		cmocka_unit_test(looking_for_the_kernel_has_an_end),
		cmocka_unit_test(reads_the_sizes),
		cmocka_unit_test(older_tables_are_shorter),
		cmocka_unit_test(other_tags_are_passed),
		cmocka_unit_test(without_a_table_sizes_are_unknown),
		cmocka_unit_test(damage_is_named),
		cmocka_unit_test(cut_files_are_damaged),
		cmocka_unit_test(is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
