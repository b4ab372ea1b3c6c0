/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "base/put.h"
#include "image/linux_image.h"
#include "image/payload.h"
#include "image/pe.h"
#include "image/zboot.h"

enum { PE = 0x40, OPT = 16, SECTIONS = PE + 24 + OPT, PAYLOAD = 0x100, SIZE = 0x400 };

/* What is inside: the smallest Image, with a banner. */
static void make_image(uint8_t p[0x200])
{
	memset(p, 0, 0x200);
	put_le(p + LI_IMAGE_SIZE, 0x1000, 8);
	put_le(p + LI_FLAGS, 0xa, 8);
	memcpy(p + LI_MAGIC2, "ARM\x64", 4);
	strcpy((char *)p + 0x100, "Linux version 6.6.1-zboot (a@b) #1");
}

/* A container around @payload, as the kernel's Makefile joins it: all but gzip are followed by
 * their unpacked size. */
static size_t make(uint8_t *p, const char *type, const void *payload, size_t len, uint32_t unpacked)
{
	size_t end = PAYLOAD + len;

	memset(p, 0, SIZE);
	memcpy(p, "MZ\0\0zimg", 8);
	put_le(p + ZBOOT_PAYLOAD_OFF, PAYLOAD, 4);
	put_le(p + ZBOOT_PAYLOAD_SIZE, len, 4);
	strcpy((char *)p + ZBOOT_TYPE, type);
	put_le(p + LI_PE_OFF, PE, 4);
	memcpy(p + PE, "PE\0\0", 4);
	put_le(p + PE + 4, PE_MACHINE_ARM64, 2);
	put_le(p + PE + 6, 1, 2);
	put_le(p + PE + 20, OPT, 2);
	memcpy(p + PAYLOAD, payload, len);
	if (strcmp(type, "gzip") != 0) {
		put_le(p + end, unpacked, 4);
		end += 4;
	}
	put_le(p + SECTIONS + 16, end - PAYLOAD, 4);
	put_le(p + SECTIONS + 20, PAYLOAD, 4);
	return end;
}

static uint32_t crc_of(const uint8_t *in, size_t len)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < 8 * len; i++) {
		crc ^= in[i / 8] >> i % 8 & 1;
		crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* RFC 1952 around one stored block (RFC 1951, 3.2.4). */
static size_t gzip(const uint8_t *in, size_t len, uint8_t *out)
{
	static const uint8_t head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1};
	size_t at = sizeof(head);

	memcpy(out, head, at);
	put_le(out + at, len, 2);
	put_le(out + at + 2, ~len & 0xffff, 2);
	memcpy(out + at + 4, in, len);
	put_le(out + at + 4 + len, crc_of(in, len), 4);
	put_le(out + at + 8 + len, len, 4);
	return at + 12 + len;
}

static size_t make_gzip(uint8_t *p)
{
	uint8_t image[0x200], packed[0x280];

	make_image(image);
	return make(p, "gzip", packed, gzip(image, sizeof(image), packed), 0);
}

static void gives_the_image_inside(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	struct image m, inner;
	struct buf out = BUF_INIT;
	size_t len = make_gzip(p);

	assert_int_equal(image_parse(span_of(p, len), &m, NULL), 0);
	assert_int_equal(m.format, IMAGE_ZBOOT);
	assert_string_equal(image_format_name(m.format), "zboot");
	assert_string_equal(m.arch, "arm64");
	assert_int_equal(m.compression, COMP_GZIP);
	assert_int_equal(m.payload_off, PAYLOAD);
	assert_int_equal(m.payload_size, len - PAYLOAD);
	assert_int_equal(m.unpacked_size, 0x200);
	assert_int_equal(image_payload(&m, 1 << 20, &out, NULL), 0);
	assert_int_equal(image_parse(buf_span(&out), &inner, NULL), 0);
	assert_int_equal(inner.format, IMAGE_LINUX_IMAGE);
	assert_string_equal(inner.version, "6.6.1-zboot");
	assert_int_equal(inner.footprint_running, 0x1000);
	assert_true(inner.li.anywhere);
	buf_done(&out);
}

static void knows_the_names(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum image_compression comp;
	} t[] = {{"lz4", COMP_LZ4},   {"lzma", COMP_LZMA},   {"lzo", COMP_LZO}, {"xzkern", COMP_XZ},
		 {"zstd", COMP_ZSTD}, {"zstd22", COMP_ZSTD}, {"xz", COMP_XZ}};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		uint8_t p[SIZE];
		struct image m;
		size_t len = make(p, t[i].name, "payload!", 8, 77);

		assert_int_equal(zboot_parse(span_of(p, len), &m, NULL), 0);
		assert_int_equal(m.compression, t[i].comp);
		/* With the size word, as a bzImage's. */
		assert_int_equal(m.payload_size, 12);
		assert_int_equal(m.unpacked_size, 77);
	}
}

static void refused(const uint8_t *p, size_t len, int want, const char *why)
{
	struct image m;
	struct err err = ERR_INIT;

	assert_int_equal(zboot_parse(span_of(p, len), &m, &err), want);
	assert_non_null(strstr(err.text, why));
}

static void damage_is_told(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	size_t len = make_gzip(p);

	for (size_t cut = 0; cut < len; cut++) {
		struct image m;

		assert_int_equal(zboot_parse(span_of(p, cut), &m, NULL),
				 cut < 8 ? -ENOEXEC : -EBADMSG);
	}
	make(p, "xzkern", "payload!", 8, 1);
	refused(p, PAYLOAD + 8, -EBADMSG, "payload of 0x8 bytes at 0x100"); /* no size word */
	make_gzip(p);
	put_le(p + ZBOOT_PAYLOAD_SIZE, UINT32_MAX, 4);
	refused(p, len, -EBADMSG, "payload of 0xffffffff bytes");
	make_gzip(p);
	put_le(p + ZBOOT_PAYLOAD_OFF, 0x20, 4); /* over its own header */
	refused(p, len, -EBADMSG, "at 0x20");
	make_gzip(p);
	strcpy((char *)p + ZBOOT_TYPE, "brotli");
	refused(p, len, -ENOTSUP, "compression at 0x18");
	make_gzip(p);
	memset(p + ZBOOT_TYPE, 'x', ZBOOT_TYPE_MAX);
	refused(p, len, -EBADMSG, "has no end");
	make_gzip(p);
	p[PE] = 'p';
	refused(p, len, -EBADMSG, "no PE header");
	make_gzip(p);
	put_le(p + PE + 4, 0x6264, 2); /* loongarch64 */
	refused(p, len, -ENOTSUP, "PE machine 0x6264");
	make_gzip(p);
	put_le(p + SECTIONS + 16, SIZE, 4);
	refused(p, len, -EBADMSG, "its sections at 0x500");
	make_gzip(p);
	put_le(p + PE + 6, UINT16_MAX, 2); /* of them only one is in the file */
	refused(p, len, -EBADMSG, "no PE header");
}

/* The size that the container says is what its payload must come to. */
static void a_lie_about_the_size_is_told(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	struct image m;
	struct buf out = BUF_INIT;
	size_t len = make_gzip(p);

	p[len - 4] ^= 1;
	assert_int_equal(zboot_parse(span_of(p, len), &m, NULL), 0);
	assert_int_equal(image_payload(&m, 1 << 20, &out, NULL), -EBADMSG);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_image_inside),
		cmocka_unit_test(knows_the_names),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(a_lie_about_the_size_is_told),
	};

	return cmocka_run_group_tests_name("zboot", tests, NULL, NULL);
}
