/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdlib.h>
#include <string.h>

#include "image/bzimage.h"
#include "image/render.h"
#include "images/bzimage_make.h"

static const struct bzimage_make plain = BZIMAGE_MAKE;

/* An image whose bytes the test may break before it is parsed. */
static struct span make(const struct bzimage_make *o, uint8_t **bytes)
{
	struct span s = bzimage_make(o);

	*bytes = (uint8_t *)(uintptr_t)s.ptr;
	return s;
}

static int parse_patched(uint32_t at, uint64_t value, unsigned bytes, struct err *err)
{
	uint8_t *p;
	struct span s = make(&plain, &p);
	struct image m;

	put_le(p + at, value, bytes);
	*err = (struct err)ERR_INIT;
	int r = bzimage_parse(s, &m, err);
	free(p);
	return r;
}

static void reads_all_fields(void **state)
{
	(void)state;
	uint8_t *p;
	struct span s = make(&plain, &p);
	struct image m;
	struct err err = ERR_INIT;

	assert_int_equal(image_parse(s, &m, &err), 0);
	assert_int_equal(m.format, IMAGE_BZIMAGE);
	assert_string_equal(m.arch, "x86_64");
	assert_int_equal(m.bits, 64);
	assert_string_equal(m.version, "6.1.0-50-test");
	assert_int_equal(m.compression, COMP_ZSTD);
	assert_int_equal(m.payload_off, 0x600 + BZIMAGE_PAYLOAD);
	assert_int_equal(m.payload_size, 0x400 - BZIMAGE_PAYLOAD);
	assert_int_equal(m.unpacked_size, 53241868);
	assert_int_equal(m.footprint_unpacking, 0x3378000);
	assert_int_equal(m.align, 0x200000);
	assert_int_equal(m.preferred, 0x1000000);
	assert_int_equal(m.limit_min, 0x1000000);
	assert_int_equal(m.limit_max, 0);
	assert_int_equal(m.entry64, 0x1000200);
	assert_int_equal(m.entry32, 0x1000000);
	assert_true(m.relocatable && m.how == HOW_SELF);
	assert_int_equal(m.bz.protocol, 0x20f);
	assert_int_equal(m.bz.setup_bytes, 0x600);
	assert_int_equal(m.bz.header_end, 0x26c);
	assert_int_equal(m.bz.cmdline_size, 2047);
	assert_int_equal(m.bz.initrd_addr_max, 0x7fffffff);
	free(p);
}

/* One row per protocol version that added a field that we read. */
static void old_protocols_lack_fields(void **state)
{
	(void)state;
	static const struct {
		uint16_t protocol;
		uint64_t initrd_max, cmdline, pref, unpacked;
		uint32_t align;
		unsigned bits;
	} t[] = {
		{0x200, 0x37ffffff, 255, 0x100000, 0, 1, 32},
		{0x202, 0x37ffffff, 255, 0x100000, 0, 1, 32},
		{0x203, 0x7fffffff, 255, 0x100000, 0, 1, 32},
		{0x205, 0x7fffffff, 255, 0x100000, 0, 0x200000, 32},
		{0x206, 0x7fffffff, 2047, 0x100000, 0, 0x200000, 32},
		{0x208, 0x7fffffff, 2047, 0x100000, 53241868, 0x200000, 32},
		{0x20a, 0x7fffffff, 2047, 0x1000000, 53241868, 0x200000, 32},
		{0x20c, 0x7fffffff, 2047, 0x1000000, 53241868, 0x200000, 64},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct bzimage_make o = BZIMAGE_MAKE;
		struct image m;
		uint8_t *p;

		o.protocol = t[i].protocol;
		struct span s = make(&o, &p);

		assert_int_equal(bzimage_parse(s, &m, NULL), 0);
		assert_int_equal(m.bz.initrd_addr_max, t[i].initrd_max);
		assert_int_equal(m.bz.cmdline_size, t[i].cmdline);
		assert_int_equal(m.preferred, t[i].pref);
		assert_int_equal(m.unpacked_size, t[i].unpacked);
		assert_int_equal(m.align, t[i].align);
		assert_int_equal(m.bits, t[i].bits);
		assert_true(m.relocatable == (t[i].protocol >= 0x205));
		free(p);
	}
}

static void refuses_broken_fields(void **state)
{
	(void)state;
	static const struct {
		uint32_t at;
		unsigned bytes;
		uint64_t value;
		int r;
		uint64_t offset;
	} t[] = {
		{0x1fe, 2, 0, -EBADMSG, 0x1fe},
		{0x1f1, 1, 4, -EBADMSG, 0xa00}, /* setup reaches the end of the file */
		{0x1f1, 1, 0, -EBADMSG, 0xa00}, /* 0 means 4 */
		{0x1f1, 1, 255, -EBADMSG, 0xa00},
		{0x1f1, 1, 1, 0, 0},               /* then the code is longer, not damaged */
		{0x1f4, 4, 0x41, -EBADMSG, 0xa00}, /* one paragraph too many */
		{0x1f4, 4, UINT32_MAX, -EBADMSG, 0xa00},
		{0x200, 1, 0xe9, -EBADMSG, 0x200},
		{0x201, 1, 0x80, -EBADMSG, 0x200}, /* backwards */
		{0x201, 1, 0x69, -EBADMSG, 0x201}, /* short of kernel_info_offset */
		{0x201, 1, 0x7f, 0, 0},
		{0x206, 2, 0x01ff, -ENOTSUP, 0x206},
		{0x206, 2, 0xffff, 0, 0}, /* later versions only add */
		{0x211, 1, 0xfe, -ENOTSUP, 0x211},
		{0x230, 4, 0, -EBADMSG, 0x230},
		{0x230, 4, 3, -EBADMSG, 0x230},
		{0x248, 4, 0x41, -EBADMSG, 0x248},
		{0x248, 4, UINT32_MAX, -EBADMSG, 0x248},
		{0x24c, 4, 0x3c1, -EBADMSG, 0x248},
		{0x24c, 4, 0, 0, 0},
		{0x24c, 4, 3, 0, 0}, /* too short for a size: unknown */
		{0x258, 8, UINT64_MAX, -EBADMSG, 0x258},
		{0x202, 4, 0, -ENOEXEC, 0},
	};
	struct err err;

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		int r = parse_patched(t[i].at, t[i].value, t[i].bytes, &err);

		if (r != t[i].r || err.offset != t[i].offset)
			print_error("row %zu: %d at 0x%llx: %s\n", i, r,
				    (unsigned long long)err.offset, err.text);
		assert_int_equal(r, t[i].r);
		assert_int_equal(err.offset, t[i].offset);
	}
}

/* Cut anywhere, it is no bzImage up to the magic and a damaged one from there on. */
static void refuses_every_truncation(void **state)
{
	(void)state;
	struct span whole = bzimage_make(&plain);

	for (size_t n = 0; n < whole.len; n++) {
		uint8_t *cut = malloc(n ? n : 1);
		struct image m;
		struct err err = ERR_INIT;

		assert_non_null(cut);
		memcpy(cut, whole.ptr, n);
		int r = bzimage_parse(span_of(cut, n), &m, &err);

		assert_int_equal(r, n < 0x206 ? -ENOEXEC : -EBADMSG);
		assert_true(r == -ENOEXEC || (err.text[0] && err.has_offset));
		free(cut);
	}
	free((void *)(uintptr_t)whole.ptr);
}

static void version_is_the_banners_first_word(void **state)
{
	(void)state;
	static const struct {
		uint16_t pointer;
		const char *banner, *version;
	} t[] = {
		{0x380, "6.1.0 (a@b)", "6.1.0"},
		{0x380, "6.1.0", "6.1.0"},
		{0x380, "", ""},
		{0x380, "6.1\n", ""},
		{0, "6.1.0 (a@b)", ""},
		{0x400, "6.1.0 (a@b)", ""},
		{0xffff, "6.1.0 (a@b)", ""},
		{0x3ff, "6.1.0 (a@b)", ""},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct bzimage_make o = BZIMAGE_MAKE;
		struct image m;
		uint8_t *p;

		o.banner = t[i].banner;
		struct span s = make(&o, &p);

		put_le(p + 0x20e, t[i].pointer, 2);
		assert_int_equal(bzimage_parse(s, &m, NULL), 0);
		assert_string_equal(m.version, t[i].version);
		memset(p + 0x580, 'x', 0x80); /* no end inside the setup code */
		assert_int_equal(bzimage_parse(s, &m, NULL), 0);
		assert_string_equal(m.version, "");
		free(p);
	}
}

static void knows_compressions(void **state)
{
	(void)state;
	static const struct {
		char magic[5];
		const char *name;
	} t[] = {
		{"\x1f\x8b\x08", "gzip"},
		{"\x1f\x9e", NULL},
		{"BZh9", "bzip2"},
		{"\x5d\0\0", "lzma"},
		{"\xfd"
		 "7zXZ",
		 "xz"},
		{"\x89LZO", "lzo"},
		{"\x02\x21\x4c\x18", "lz4"},
		{"\x28\xb5\x2f\xfd", "zstd"},
		{"\x7f"
		 "ELF",
		 "none"},
		{"none", NULL},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		enum image_compression c = image_compression_of(span_of(t[i].magic, 4));
		const char *name = image_compression_name(c);

		assert_true(t[i].name ? name && !strcmp(name, t[i].name) : !name);
	}
	assert_int_equal(image_compression_of(span_of("\x1f", 1)), COMP_UNKNOWN);
	assert_int_equal(image_compression_of(span_of(NULL, 0)), COMP_UNKNOWN);
}

static void odd_headers_have_defaults(void **state)
{
	(void)state;
	uint8_t *p;
	struct span s = make(&plain, &p);
	struct image m;

	put_le(p + 0x258, 0, 8);
	memcpy(p + 0x600 + BZIMAGE_PAYLOAD,
	       "\x7f"
	       "ELF",
	       4);
	assert_int_equal(bzimage_parse(s, &m, NULL), 0);
	assert_int_equal(m.preferred, 0x100000);
	assert_int_equal(m.compression, COMP_NONE);
	assert_int_equal(m.unpacked_size, m.payload_size);
	put_le(p + 0x600 + BZIMAGE_PAYLOAD, 0x6e6f6e, 4);
	assert_int_equal(bzimage_parse(s, &m, NULL), 0);
	assert_int_equal(m.compression, COMP_UNKNOWN);
	assert_int_equal(m.unpacked_size, 0);
	free(p);
}

static void unknown_format_has_a_reason(void **state)
{
	(void)state;
	struct image m;
	struct err err = ERR_INIT;

	assert_int_equal(image_parse(span_of("MZ", 2), &m, &err), -ENOEXEC);
	assert_string_equal(err.text, "is no kernel; wanted is a bzImage, such as /boot/vmlinuz-*");
	assert_int_equal(image_parse(span_of(NULL, 0), &m, &err), -ENOEXEC);
	assert_string_equal(err.text, "the file is empty");
}

static void json_is_the_contract(void **state)
{
	(void)state;
	uint8_t *p;
	struct span s = make(&plain, &p);
	struct image m;
	struct buf b = BUF_INIT;

	assert_int_equal(bzimage_parse(s, &m, NULL), 0);
	m.unpacked_size = 0;
	assert_int_equal(image_json(&m, "dir/a \"b\" \xff", &b), 0);
	assert_string_equal(
		buf_str(&b),
		"{\"schema\":1,\"file\":\"dir/a \\\"b\\\" \\\\xff\",\"format\":\"bzImage\","
		"\"arch\":\"x86_64\",\"bits\":64,\"endian\":\"little\","
		"\"version\":\"6.1.0-50-test\",\"compression\":\"zstd\","
		"\"payload\":{\"offset\":1600,\"size\":960},\"unpacked_size\":null,"
		"\"footprint\":{\"unpacking\":53968896,\"running\":null},"
		"\"align\":2097152,\"preferred\":\"0x1000000\","
		"\"limits\":{\"min\":\"0x1000000\",\"max\":null},\"relocatable\":true,"
		"\"how\":\"self\",\"entries\":{\"64\":\"0x1000200\",\"32\":\"0x1000000\","
		"\"16\":\"0x90200\",\"pvh\":null},\"build_id\":null,\"parts\":[],"
		"\"notes\":[],\"cmdline\":null,\"crashkernel\":null,\"kernel\":null}\n");
	buf_done(&b);
	free(p);
}

static void text_leaves_out_the_unknown(void **state)
{
	(void)state;
	uint8_t *p;
	struct bzimage_make o = BZIMAGE_MAKE;

	o.banner = "";
	struct span s = make(&o, &p);
	struct image m;
	struct buf b = BUF_INIT;

	assert_int_equal(bzimage_parse(s, &m, NULL), 0);
	assert_int_equal(image_text(&m, "vm\033linuz", &b), 0);
	assert_string_equal(buf_str(&b),
			    "file         vm\\x1blinuz\n"
			    "format       bzImage, boot protocol 2.15\n"
			    "for          x86_64, 64 bits, little-endian\n"
			    "payload      zstd, 960 bytes at 0x640, 53241868 unpacked\n"
			    "relocatable  yes (self)\n"
			    "preferred    0x1000000, aligned to 0x200000\n"
			    "limits       0x1000000 to the end of memory\n"
			    "needs        53968896 bytes while it unpacks\n"
			    "entry 64     0x1000200\n"
			    "entry 32     0x1000000\n"
			    "entry 16     0x90200\n");
	buf_done(&b);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_all_fields),
		cmocka_unit_test(old_protocols_lack_fields),
		cmocka_unit_test(refuses_broken_fields),
		cmocka_unit_test(refuses_every_truncation),
		cmocka_unit_test(version_is_the_banners_first_word),
		cmocka_unit_test(knows_compressions),
		cmocka_unit_test(odd_headers_have_defaults),
		cmocka_unit_test(unknown_format_has_a_reason),
		cmocka_unit_test(json_is_the_contract),
		cmocka_unit_test(text_leaves_out_the_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
