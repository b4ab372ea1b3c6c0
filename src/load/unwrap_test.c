/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The containers themselves are tested by their modules: image/zboot_test.c, codec/codec_test.c. */
#include "core/unit.h"

#include <string.h>

#include "base/put.h"
#include "codec/codec_fixture.h"
#include "image/linux_image.h"
#include "load/unwrap.h"

struct result {
	struct image image;
	enum image_format outer;
	struct buf bytes;
	struct err err;
};

static int unwrap(const void *file, size_t len, struct result *r)
{
	*r = (struct result){.outer = IMAGE_S390_IMAGE, .err = ERR_INIT};
	return unwrap_kernel(span_of(file, len), &r->bytes, &r->image, &r->outer, &r->err);
}

/* lz4 of old, stored: magic, length of the block, one run of literals. */
static size_t pack_image(uint8_t *out)
{
	enum { LEN = 0x100 };
	uint8_t image[LEN] = {0};

	put_le(image + LI_IMAGE_SIZE, 0x1000, 8);
	memcpy(image + LI_MAGIC2, "ARM\x64", 4);
	put_le(out, 0x184c2102, 4);
	put_le(out + 4, LEN + 2, 4);
	out[8] = 0xf0;
	out[9] = LEN - 15;
	memcpy(out + 10, image, LEN);
	return 10 + LEN;
}

static void a_compressed_image_is_unpacked(void **state)
{
	(void)state;
	uint8_t file[0x200];
	size_t len = pack_image(file);
	struct result r;

	assert_int_equal(unwrap(file, len, &r), 0);
	assert_string_equal(r.image.arch, "arm64");
	assert_int_equal(r.outer, IMAGE_LINUX_IMAGE);
	assert_ptr_equal(r.image.file.ptr, r.bytes.ptr);
	assert_int_equal(r.image.file.len, 0x100);
	buf_done(&r.bytes);
}

static void what_needs_no_unpacking_is_left(void **state)
{
	(void)state;
	uint8_t file[0x200];
	struct result r;

	(void)pack_image(file);
	assert_int_equal(unwrap(file + 10, 0x100, &r), 0);
	assert_null(r.bytes.ptr);
	assert_ptr_equal(r.image.file.ptr, file + 10);
}

static void damage_inside_is_told(void **state)
{
	(void)state;
	uint8_t file[0x200];
	size_t len = pack_image(file);
	struct result r;

	assert_int_equal(unwrap(file, len - 1, &r), -EBADMSG);
	assert_non_null(strstr(r.err.text, "lz4: "));
	buf_done(&r.bytes);
	/* Sound, and no kernel. */
	assert_int_equal(unwrap(packed_gzip, sizeof(packed_gzip), &r), -ENOEXEC);
	assert_non_null(strstr(r.err.text, "what it unpacks to: is no kernel"));
	buf_done(&r.bytes);
	/* Neither, but it begins like lzma. */
	assert_int_equal(unwrap("\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0garbage", 21, &r),
			 -ENOEXEC);
	assert_null(strstr(r.err.text, "lzma"));
	buf_done(&r.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_compressed_image_is_unpacked),
		cmocka_unit_test(what_needs_no_unpacking_is_left),
		cmocka_unit_test(damage_inside_is_told),
	};

	return cmocka_run_group_tests_name("unwrap", tests, NULL, NULL);
}
