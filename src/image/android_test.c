/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include "image/android_make.h"

static void assert_text(struct span s, const char *want)
{
	assert_int_equal(s.len, strlen(want));
	assert_memory_equal(s.ptr, want, s.len);
}

static int read(const struct android_make *m, struct android *a)
{
	return android_read(span_of(m->bytes, m->len), a, NULL);
}

static void reads_the_old_versions(void **state)
{
	(void)state;
	for (uint32_t page = 2048; page <= 16384; page *= 2)
		for (uint32_t version = 0; version <= 2; version++) {
			struct android_make m;
			struct android a;

			android_make_old(&m, version, page);
			assert_int_equal(read(&m, &a), 0);
			assert_int_equal(a.version, version);
			assert_int_equal(a.page, page);
			assert_text(a.kernel, "kernel");
			assert_text(a.ramdisk, "ramdisk");
			assert_text(a.second, "second");
			assert_text(a.recovery_dtbo, version >= 1 ? "dtbo" : "");
			assert_text(a.dtb, version >= 2 ? "tree" : "");
			assert_text(a.name, "mako");
			assert_text(a.cmdline, "console=ttyS0");
			assert_text(a.extra_cmdline, " quiet");
			free(m.bytes);
		}
}

/* A line of 512 bytes has no NUL: the next field is not part of it. */
static void a_full_line_ends(void **state)
{
	(void)state;
	struct android_make m;
	struct android a;

	android_make_old(&m, 0, 2048);
	memset(m.bytes + ANDROID_CMDLINE, 'x', ANDROID_CMDLINE_SIZE + 8);
	assert_int_equal(read(&m, &a), 0);
	assert_int_equal(a.cmdline.len, ANDROID_CMDLINE_SIZE);
	free(m.bytes);
}

static void reads_the_new_versions(void **state)
{
	(void)state;
	for (uint32_t version = 3; version <= 4; version++) {
		struct android_make m;
		struct android a;

		android_make_new(&m, version);
		assert_int_equal(read(&m, &a), 0);
		assert_int_equal(a.page, 4096);
		assert_text(a.kernel, "kernel");
		assert_text(a.ramdisk, "ramdisk");
		assert_text(a.cmdline, "console=ttyS0");
		assert_int_equal(a.extra_cmdline.len, 0);
		free(m.bytes);
		android_make_vendor(&m, version, 2048);
		assert_int_equal(read(&m, &a), 0);
		assert_true(a.vendor);
		assert_int_equal(a.kernel.len, 0);
		assert_text(a.ramdisk, "ramdisk");
		assert_text(a.dtb, "tree");
		assert_text(a.cmdline, "console=ttyS0");
		free(m.bytes);
	}
}

/* A part that is not there takes no page. */
static void absent_parts_take_no_room(void **state)
{
	(void)state;
	struct android_make m;
	struct android a;

	android_make_begin(&m, "ANDROID!", 2048);
	put_le(m.bytes + ANDROID_PAGE_SIZE, 2048, 4);
	put_le(m.bytes + ANDROID_VERSION, 2, 4);
	android_make_add(&m, ANDROID_KERNEL_SIZE, "kernel");
	android_make_add(&m, ANDROID_DTB_SIZE, "tree");
	assert_int_equal(read(&m, &a), 0);
	assert_text(a.dtb, "tree");
	assert_null(a.ramdisk.ptr);
	free(m.bytes);
}

static void refused(struct android_make *m, uint32_t at, uint32_t value, int want, const char *why)
{
	struct android a;
	struct err err = ERR_INIT;
	uint64_t was = get_le(m->bytes + at, 4);

	put_le(m->bytes + at, value, 4);
	assert_int_equal(android_read(span_of(m->bytes, m->len), &a, &err), want);
	assert_non_null(strstr(err.text, why));
	put_le(m->bytes + at, was, 4);
}

static void damage_is_told(void **state)
{
	(void)state;
	static const uint32_t pages[] = {0, 1, 1024, 2049, 4095, 2 << 20, UINT32_MAX};
	static const uint32_t parts[] = {ANDROID_KERNEL_SIZE, ANDROID_RAMDISK_SIZE,
					 ANDROID_SECOND_SIZE, ANDROID_RECOVERY_DTBO_SIZE,
					 ANDROID_DTB_SIZE};
	struct android_make m;
	struct android a;

	android_make_old(&m, 2, 2048);
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++)
		refused(&m, ANDROID_PAGE_SIZE, pages[i], -EBADMSG, "page size");
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		refused(&m, parts[i], UINT32_MAX, -EBADMSG, "of 0xffffffff bytes at 0x");
		refused(&m, parts[i], UINT32_MAX - 2047, -EBADMSG, "is not in the file's");
	}
	refused(&m, ANDROID_DTB_SIZE, 5, -EBADMSG, "device tree of 0x5 bytes at 0x2800");
	refused(&m, ANDROID_VERSION, 5, -ENOTSUP, "version 5");
	refused(&m, ANDROID_VERSION, ANDROID_V0_SIZE - 1, -ENOTSUP, "version");
	put_le(m.bytes + ANDROID_VERSION, ANDROID_V0_SIZE, 4); /* the size of a vendor's table */
	assert_int_equal(read(&m, &a), 0);
	assert_int_equal(a.version, 0);
	free(m.bytes);
	android_make_new(&m, 4);
	refused(&m, ANDROID3_HEADER_SIZE, ANDROID4_SIZE - 1, -EBADMSG, "0x62f bytes, not 0x630");
	refused(&m, ANDROID3_HEADER_SIZE, UINT32_MAX, -EBADMSG, "in its header of 0xffffffff");
	free(m.bytes);
	android_make_vendor(&m, 3, 4096);
	refused(&m, VENDOR_BOOT_VERSION, 2, -ENOTSUP, "version 2");
	refused(&m, VENDOR_BOOT_HEADER_SIZE, 0, -EBADMSG, "0x0 bytes, not 0x840");
	refused(&m, VENDOR_BOOT_PAGE_SIZE, 0, -EBADMSG, "page size");
	free(m.bytes);
}

static void every_cut_is_told(struct android_make *m)
{
	struct android a;

	for (size_t cut = 0; cut <= m->len; cut++) {
		uint8_t *copy = malloc(cut ? cut : 1);
		int want = cut < 8 ? -ENOEXEC : cut < m->len ? -EBADMSG : 0;

		memcpy(copy, m->bytes, cut);
		assert_int_equal(android_read(span_of(copy, cut), &a, NULL), want);
		free(copy);
	}
	free(m->bytes);
}

static void cuts(void **state)
{
	(void)state;
	struct android_make m;

	android_make_old(&m, 2, 2048);
	every_cut_is_told(&m);
	android_make_new(&m, 4);
	every_cut_is_told(&m);
	android_make_vendor(&m, 3, 4096);
	every_cut_is_told(&m);
}

/* As the probe finds it, in the order that parts of one kind are joined in. */
static void gives_its_parts(void **state)
{
	(void)state;
	static const struct {
		enum image_part_kind kind;
		const char *text;
	} want[] = {{PART_KERNEL, "kernel"},
		    {PART_INITRD, "ramdisk"},
		    {PART_DTB, "tree"},
		    {PART_CMDLINE, "console=ttyS0"},
		    {PART_CMDLINE, " quiet"}};
	struct android_make m;
	struct image im;

	android_make_old(&m, 2, 2048);
	assert_int_equal(image_parse(span_of(m.bytes, m.len), &im, NULL), 0);
	assert_int_equal(im.format, IMAGE_ANDROID);
	assert_null(im.arch);
	assert_int_equal(im.parts.n, sizeof(want) / sizeof(*want));
	for (unsigned i = 0; i < sizeof(want) / sizeof(*want); i++) {
		assert_int_equal(im.parts.v[i].kind, want[i].kind);
		assert_text(im.parts.v[i].data, want[i].text);
	}
	assert_ptr_equal(im.file.ptr + im.payload_off, im.parts.v[0].data.ptr);
	free(m.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_old_versions),
		cmocka_unit_test(a_full_line_ends),
		cmocka_unit_test(reads_the_new_versions),
		cmocka_unit_test(absent_parts_take_no_room),
		cmocka_unit_test(gives_its_parts),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(cuts),
	};

	return cmocka_run_group_tests_name("android", tests, NULL, NULL);
}
