/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "base/put.h"
#include "image/linux_image.h"
#include "image/render.h"

#define SIZE 0x200

/* The header of Debian's arm64 kernel; an EFI program to firmware ("MZ"), and a banner. */
static void make_arm64(uint8_t *p)
{
	memset(p, 0, SIZE);
	memcpy(p, "MZ", 2);
	put_le(p + LI_IMAGE_SIZE, 0x1aa0000, 8);
	put_le(p + LI_FLAGS, 0xa, 8);
	memcpy(p + LI_MAGIC2, "ARM\x64", 4);
	put_le(p + LI_PE_OFF, LI_HEADER_SIZE, 4);
	strcpy((char *)p + 0x100, "Linux version %s (%s)");
	strcpy((char *)p + 0x140, "Linux version 6.1.0-50-cloud-arm64 (a@b) #1");
}

static void make_riscv64(uint8_t *p)
{
	make_arm64(p);
	put_le(p + LI_TEXT_OFFSET, 0x200000, 8);
	put_le(p + LI_FLAGS, 0, 8);
	put_le(p + LI_VERSION, 2, 4);
	memcpy(p + LI_MAGIC, "RISCV\0\0\0RSC\x05", 12);
}

static void reads_arm64(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	struct image m;

	make_arm64(p);
	assert_int_equal(image_parse(span_of(p, SIZE), &m, NULL), 0);
	assert_int_equal(m.format, IMAGE_LINUX_IMAGE);
	assert_string_equal(m.arch, "arm64");
	assert_string_equal(m.version, "6.1.0-50-cloud-arm64");
	assert_int_equal(m.bits, 64);
	assert_false(m.big);
	assert_int_equal(m.footprint_running, 0x1aa0000);
	assert_int_equal(m.align, 0x200000);
	assert_int_equal(m.limit_max, 0xffffffffffff);
	assert_int_equal(m.li.page_size, 4096);
	assert_true(m.li.anywhere && m.relocatable);
	assert_int_equal(m.compression, COMP_NONE);
}

static void flags_of_arm64(void **state)
{
	(void)state;
	static const struct {
		uint64_t flags;
		uint32_t page;
		bool big, anywhere;
	} t[] = {{0, 0, false, false},
		 {1, 0, true, false},
		 {4, 16384, false, false},
		 {0xe, 65536, false, true}};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		uint8_t p[SIZE];
		struct image m;

		make_arm64(p);
		put_le(p + LI_FLAGS, t[i].flags, 8);
		assert_int_equal(linux_image_parse(span_of(p, SIZE), &m, NULL), 0);
		assert_int_equal(m.li.page_size, t[i].page);
		assert_int_equal(m.big, t[i].big);
		assert_int_equal(m.li.anywhere, t[i].anywhere);
	}
}

/* With a header for firmware, of one section that ends where the file does. */
static void a_cut_file_is_told(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	struct image m;
	struct err err = ERR_INIT;

	make_arm64(p);
	memcpy(p + LI_HEADER_SIZE, "PE\0\0", 4);
	put_le(p + LI_HEADER_SIZE + 6, 1, 2);
	put_le(p + LI_HEADER_SIZE + 24 + 16, SIZE - 0x100, 4);
	put_le(p + LI_HEADER_SIZE + 24 + 20, 0x100, 4);
	assert_int_equal(linux_image_parse(span_of(p, SIZE), &m, NULL), 0);
	assert_int_equal(linux_image_parse(span_of(p, SIZE - 1), &m, &err), -EBADMSG);
	assert_string_equal(err.text, "file ends at 0x1ff, its sections at 0x200");
}

/* Then its byte order is not known, so its bytes are not looked at. */
static void old_arm64_has_no_size(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	struct image m;

	make_arm64(p);
	put_le(p + LI_IMAGE_SIZE, 0, 8);
	put_be(p + LI_TEXT_OFFSET, 0x12345678, 8);
	assert_int_equal(linux_image_parse(span_of(p, SIZE), &m, NULL), 0);
	assert_int_equal(m.li.text_offset, 0x80000);
	assert_int_equal(m.footprint_running, 0);
}

static void reads_riscv64(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	struct image m;

	make_riscv64(p);
	assert_int_equal(image_parse(span_of(p, SIZE), &m, NULL), 0);
	assert_string_equal(m.arch, "riscv64");
	assert_int_equal(m.li.text_offset, 0x200000);
	assert_int_equal(m.li.version, 2);
	assert_int_equal(m.limit_max, 0);
	memset(p + LI_MAGIC2, 0, 4); /* header version 0.1 has the first magic alone */
	assert_int_equal(linux_image_parse(span_of(p, SIZE), &m, NULL), 0);
	assert_string_equal(m.arch, "riscv64");
	memset(p + LI_MAGIC, 0, 8);
	assert_int_equal(linux_image_parse(span_of(p, SIZE), &m, NULL), -ENOEXEC);
}

static void damage_is_named(void **state)
{
	(void)state;
	static const struct {
		bool riscv;
		uint32_t at;
		uint64_t value;
		const char *text;
	} t[] = {
		{false, LI_TEXT_OFFSET, 1ull << 48, "text_offset 0x1000000000000 at 0x8"},
		{false, LI_TEXT_OFFSET, 0x200000, "text_offset 0x200000 at 0x8"},
		{false, LI_IMAGE_SIZE, UINT64_MAX, "image_size 0xffffffffffffffff at 0x10"},
		{true, LI_IMAGE_SIZE, 0, "image_size at 0x10 is 0"},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		uint8_t p[SIZE];
		struct image m;
		struct err err = ERR_INIT;

		t[i].riscv ? make_riscv64(p) : make_arm64(p);
		put_le(p + t[i].at, t[i].value, 8);
		assert_int_equal(linux_image_parse(span_of(p, SIZE), &m, &err), -EBADMSG);
		assert_non_null(strstr(err.text, t[i].text));
		assert_int_equal(err.offset, t[i].at);
	}
	uint8_t p[SIZE];
	struct image m;

	make_arm64(p);
	assert_int_equal(linux_image_parse(span_of(p, 0x3d), &m, NULL), -EBADMSG);
	assert_int_equal(linux_image_parse(span_of(p, 0x3b), &m, NULL), -ENOEXEC);
}

static void is_shown(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	struct image m;
	struct buf text = BUF_INIT, json = BUF_INIT;

	make_arm64(p);
	assert_int_equal(linux_image_parse(span_of(p, SIZE), &m, NULL), 0);
	assert_int_equal(image_text(&m, "k", &text), 0);
	assert_non_null(strstr(buf_str(&text), "format       Image\n"));
	assert_non_null(strstr(buf_str(&text), "for          arm64, 64 bits, little-endian\n"));
	assert_non_null(strstr(buf_str(&text), "preferred    none, aligned to 0x200000\n"));
	assert_non_null(strstr(buf_str(&text), "page size    4096\n"));
	assert_int_equal(image_json(&m, "k", &json), 0);
	assert_non_null(strstr(buf_str(&json), "\"preferred\":null"));
	buf_done(&text);
	buf_done(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_arm64),
		cmocka_unit_test(flags_of_arm64),
		cmocka_unit_test(a_cut_file_is_told),
		cmocka_unit_test(old_arm64_has_no_size),
		cmocka_unit_test(reads_riscv64),
		cmocka_unit_test(damage_is_named),
		cmocka_unit_test(is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
