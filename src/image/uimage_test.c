/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include "image/uimage_make.h"

enum { DATA = UIMAGE_HEADER_SIZE, SIZE = 0x200 };

static void assert_text(struct span s, const char *want)
{
	assert_int_equal(s.len, strlen(want));
	assert_memory_equal(s.ptr, want, s.len);
}

static size_t make_kernel(uint8_t p[SIZE])
{
	memset(p, 0, SIZE);
	memcpy(p + DATA, "the kernel", 10);
	uimage_make(p, UIMAGE_KERNEL, 10);
	return DATA + 10;
}

/* kernel of 5 bytes, ramdisk of 4, tree of 3: only the first needs padding. */
static size_t make_list(uint8_t p[SIZE])
{
	static const uint32_t sizes[] = {5, 4, 3, 0};

	memset(p, 0, SIZE);
	for (unsigned i = 0; i < 4; i++)
		put_be(p + DATA + 4ul * i, sizes[i], 4);
	memcpy(p + DATA + 16, "image\0\0\0diskdtb", 15);
	uimage_make(p, UIMAGE_MULTI, 31);
	return DATA + 31;
}

/* The check value that every description of the algorithm gives, at lengths around a step's. */
static void crc_is_that_of_zlib(void **state)
{
	(void)state;
	const struct span s = span_of("123456789", 9);

	assert_int_equal(crc32_of(0, s), 0xcbf43926);
	for (size_t cut = 0; cut <= s.len; cut++)
		assert_int_equal(crc32_of(crc32_of(0, span_sub(s, 0, cut)), span_from(s, cut)),
				 0xcbf43926);
	assert_int_equal(crc32_of(0, span_of("", 0)), 0);
}

static void reads_a_kernel(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	struct uimage u;
	size_t len = make_kernel(p);

	assert_int_equal(uimage_read(span_of(p, len), &u, NULL), 0);
	assert_text(u.kernel, "the kernel");
	assert_null(u.ramdisk.ptr);
	assert_null(u.dtb.ptr);
	assert_text(u.name, "Linux-6.1");
	assert_int_equal(u.load, 0x40080000);
	assert_int_equal(u.entry, 0x40080040);
	assert_int_equal(u.compression, COMP_NONE);
	assert_string_equal(uimage_arch(u.arch), "arm64");
	/* A partition is longer than what lies in it. */
	assert_int_equal(uimage_read(span_of(p, SIZE), &u, NULL), 0);
	assert_text(u.kernel, "the kernel");
	/* A full name has no NUL; what follows it is the data. */
	memset(p + UIMAGE_NAME, 'n', UIMAGE_NAME_SIZE);
	uimage_make_sums(p, 10);
	assert_int_equal(uimage_read(span_of(p, len), &u, NULL), 0);
	assert_int_equal(u.name.len, UIMAGE_NAME_SIZE);
}

static void knows_types_and_compressions(void **state)
{
	(void)state;
	static const enum image_compression comps[] = {COMP_NONE, COMP_GZIP, COMP_BZIP2, COMP_LZMA,
						       COMP_LZO,  COMP_LZ4,  COMP_ZSTD};
	uint8_t p[SIZE];
	struct uimage u;
	size_t len = make_kernel(p);

	for (unsigned i = 0; i < 256; i++) {
		p[UIMAGE_COMP] = (uint8_t)i;
		uimage_make_sums(p, 10);
		assert_int_equal(uimage_read(span_of(p, len), &u, NULL), i < 7 ? 0 : -ENOTSUP);
		if (i < 7)
			assert_int_equal(u.compression, comps[i]);
	}
	p[UIMAGE_COMP] = 0;
	for (unsigned i = 0; i < 256; i++) {
		bool known = i == UIMAGE_KERNEL || i == UIMAGE_RAMDISK || i == UIMAGE_FLATDT ||
			     i == UIMAGE_KERNEL_NOLOAD;

		p[UIMAGE_TYPE] = (uint8_t)i;
		uimage_make_sums(p, 10);
		/* Its text as a list: a size that no file has. */
		assert_int_equal(uimage_read(span_of(p, len), &u, NULL), known ? 0
									 : i == UIMAGE_MULTI
										 ? -EBADMSG
										 : -ENOTSUP);
	}
	for (unsigned i = 0; i < 256; i++)
		assert_true(!uimage_arch((uint8_t)i) || *uimage_arch((uint8_t)i));
	assert_null(uimage_arch(7));
	assert_string_equal(uimage_arch(26), "riscv64");
}

static void reads_a_list(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	struct uimage u;
	size_t len = make_list(p);

	assert_int_equal(uimage_read(span_of(p, len), &u, NULL), 0);
	assert_text(u.kernel, "image");
	assert_text(u.ramdisk, "disk");
	assert_text(u.dtb, "dtb");
	put_be(p + DATA, 0, 4); /* an empty list */
	uimage_make_sums(p, 31);
	assert_int_equal(uimage_read(span_of(p, len), &u, NULL), 0);
	assert_null(u.kernel.ptr);
}

static void refused(const uint8_t *p, size_t len, int want, const char *why)
{
	struct uimage u;
	struct err err = ERR_INIT;

	assert_int_equal(uimage_read(span_of(p, len), &u, &err), want);
	assert_non_null(strstr(err.text, why));
}

static void damage_is_told(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	size_t len = make_kernel(p);

	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *copy = malloc(cut ? cut : 1);

		memcpy(copy, p, cut);
		refused(copy, cut, cut < 4 ? -ENOEXEC : -EBADMSG, cut < 4 ? "" : "file ends");
		free(copy);
	}
	/* Every bit is under a checksum. */
	for (size_t bit = 32; bit < 8 * len; bit++) {
		p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		refused(p, len, -EBADMSG, "checksum");
		p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	put_be(p + UIMAGE_SIZE, UINT32_MAX, 4);
	uimage_make_sums(p, 10);
	refused(p, len, -EBADMSG, "its header says 0x10000003f");
	put_be(p + UIMAGE_SIZE, 0, 4);
	uimage_make_sums(p, 0);
	refused(p, len, -EBADMSG, "its header says 0x40");
}

static void a_damaged_list_is_told(void **state)
{
	(void)state;
	uint8_t p[SIZE];
	size_t len = make_list(p);

	for (unsigned i = 0; i < 3; i++) {
		make_list(p);
		put_be(p + DATA + 4ul * i, UINT32_MAX, 4);
		uimage_make_sums(p, 31);
		refused(p, len, -EBADMSG, "of the list (0xffffffff bytes at ");
	}
	make_list(p);
	put_be(p + DATA + 12, 1, 4);
	uimage_make_sums(p, 31);
	refused(p, len, -ENOTSUP, "more files");
	make_list(p);
	put_be(p + UIMAGE_SIZE, 8, 4); /* cut in its list */
	uimage_make_sums(p, 8);
	refused(p, len, -EBADMSG, "has no end");
}

/* As the probe finds it, in the order that parts of one kind are joined in. */
static void gives_its_parts(void **state)
{
	(void)state;
	static const struct {
		enum image_part_kind kind;
		const char *text;
	} want[] = {{PART_KERNEL, "image"}, {PART_INITRD, "disk"}, {PART_DTB, "dtb"}};
	uint8_t p[SIZE];
	struct image im;
	size_t len = make_list(p);

	assert_int_equal(image_parse(span_of(p, len), &im, NULL), 0);
	assert_int_equal(im.format, IMAGE_UIMAGE);
	assert_string_equal(im.arch, "arm64");
	assert_int_equal(im.parts.n, sizeof(want) / sizeof(*want));
	for (unsigned i = 0; i < sizeof(want) / sizeof(*want); i++) {
		assert_int_equal(im.parts.v[i].kind, want[i].kind);
		assert_text(im.parts.v[i].data, want[i].text);
	}
	assert_ptr_equal(im.file.ptr + im.payload_off, im.parts.v[0].data.ptr);
	assert_int_equal(im.entry64, 0x40080040);
	assert_non_null(strstr(im.about, "load address 0x40080000, entry 0x40080040"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc_is_that_of_zlib),
		cmocka_unit_test(reads_a_kernel),
		cmocka_unit_test(knows_types_and_compressions),
		cmocka_unit_test(reads_a_list),
		cmocka_unit_test(gives_its_parts),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(a_damaged_list_is_told),
	};

	return cmocka_run_group_tests_name("uimage", tests, NULL, NULL);
}
