/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The containers themselves are tested by their modules: image/zboot_test.c, codec/codec_test.c. */
#include "core/unit.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "base/put.h"
#include "codec/codec_fixture.h"
#include "image/linux_image.h"
#include "image/pe.h"
#include "image/zboot.h"
#include "load/unwrap.h"

struct result {
	struct unwrapped u;
	struct err err;
};

static int unwrap(const void *file, size_t len, struct result *r)
{
	*r = (struct result){.u = UNWRAPPED_INIT, .err = ERR_INIT};
	return unwrap_kernel(span_of(file, len), &r->u, &r->err);
}

/* lz4 of old, stored: magic, length of the block, one run of literals. */
static size_t pack(const uint8_t *in, size_t len, uint8_t *out)
{
	size_t at = 9, more = len - 15;

	put_le(out, 0x184c2102, 4);
	out[8] = 0xf0;
	for (; more >= 255; more -= 255)
		out[at++] = 255;
	out[at++] = (uint8_t)more;
	memcpy(out + at, in, len);
	put_le(out + 4, at + len - 8, 4);
	return at + len;
}

static size_t pack_image(uint8_t *out)
{
	enum { LEN = 0x100 };
	uint8_t image[LEN] = {0};

	put_le(image + LI_IMAGE_SIZE, 0x1000, 8);
	memcpy(image + LI_MAGIC2, "ARM\x64", 4);
	return pack(image, LEN, out);
}

/* A zboot image around an lz4 one; no sections. */
static size_t pack_zboot(uint8_t *out)
{
	enum { PE = 0x40, PAYLOAD = 0x80 };
	uint8_t p[0x200] = "MZ\0\0zimg";
	size_t len = pack_image(p + PAYLOAD);

	put_le(p + ZBOOT_PAYLOAD_OFF, PAYLOAD, 4);
	put_le(p + ZBOOT_PAYLOAD_SIZE, len, 4);
	memcpy(p + ZBOOT_TYPE, "lz4", 4);
	put_le(p + LI_PE_OFF, PE, 4);
	memcpy(p + PE, "PE\0\0", 4);
	put_le(p + PE + 4, PE_MACHINE_ARM64, 2);
	put_le(p + PAYLOAD + len, 0x100, 4);
	return pack(p, PAYLOAD + len + 4, out);
}

static void a_compressed_image_is_unpacked(void **state)
{
	(void)state;
	uint8_t file[0x200];
	size_t len = pack_image(file);
	struct result r;

	assert_int_equal(unwrap(file, len, &r), 0);
	assert_string_equal(r.u.kernel.arch, "arm64");
	assert_int_equal(r.u.outer.format, IMAGE_LINUX_IMAGE);
	assert_ptr_equal(r.u.kernel.file.ptr, r.u.bytes[r.u.levels - 1].ptr);
	assert_int_equal(r.u.kernel.file.len, 0x100);
	unwrapped_done(&r.u);
}

/* The container lies in the bytes that what it holds will replace. */
static void a_compressed_container_is_unpacked_twice(void **state)
{
	(void)state;
	uint8_t file[0x300];
	size_t len = pack_zboot(file);
	struct result r;

	assert_int_equal(unwrap(file, len, &r), 0);
	assert_int_equal(r.u.outer.format, IMAGE_ZBOOT);
	assert_int_equal(r.u.kernel.format, IMAGE_LINUX_IMAGE);
	assert_ptr_equal(r.u.kernel.file.ptr, r.u.bytes[r.u.levels - 1].ptr);
	assert_int_equal(r.u.kernel.file.len, 0x100);
	unwrapped_done(&r.u);
}

static void what_needs_no_unpacking_is_left(void **state)
{
	(void)state;
	uint8_t file[0x200];
	struct result r;

	(void)pack_image(file);
	assert_int_equal(unwrap(file + 10, 0x100, &r), 0);
	assert_int_equal(r.u.levels, 0);
	assert_ptr_equal(r.u.kernel.file.ptr, file + 10);
}

static unsigned files_in(const char *dir)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* No copies in a folder of temporary files: nobody would take them away. */
static void nothing_is_left_in_a_folder(void **state)
{
	(void)state;
	char dir[] = "/tmp/baton-unwrap.XXXXXX";
	uint8_t file[0x300];
	size_t len = pack_zboot(file);
	struct result r;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(setenv("TMPDIR", dir, 1), 0);
	assert_int_equal(unwrap(file, len, &r), 0);
	unwrapped_done(&r.u);
	assert_int_equal(files_in(dir), 2); /* . and .. */
	assert_int_equal(rmdir(dir), 0);
}

static void damage_inside_is_told(void **state)
{
	(void)state;
	uint8_t file[0x200];
	size_t len = pack_image(file);
	struct result r;

	assert_int_equal(unwrap(file, len - 1, &r), -EBADMSG);
	assert_non_null(strstr(r.err.text, "lz4: "));
	unwrapped_done(&r.u);
	/* Sound, and no kernel. */
	assert_int_equal(unwrap(packed_gzip, sizeof(packed_gzip), &r), -ENOEXEC);
	assert_non_null(strstr(r.err.text, "what it unpacks to: is no kernel"));
	unwrapped_done(&r.u);
	/* Neither, but it begins like lzma. */
	assert_int_equal(unwrap("\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0garbage", 21, &r),
			 -ENOEXEC);
	assert_null(strstr(r.err.text, "lzma"));
	unwrapped_done(&r.u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_compressed_image_is_unpacked),
		cmocka_unit_test(a_compressed_container_is_unpacked_twice),
		cmocka_unit_test(what_needs_no_unpacking_is_left),
		cmocka_unit_test(nothing_is_left_in_a_folder),
		cmocka_unit_test(damage_inside_is_told),
	};

	return cmocka_run_group_tests_name("unwrap", tests, NULL, NULL);
}
