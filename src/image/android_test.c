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
	refused(&m, VENDOR_BOOT_HEADER_SIZE, 0, -EBADMSG, "0x0 bytes, not 0x83c");
	refused(&m, VENDOR_BOOT_PAGE_SIZE, 0, -EBADMSG, "page size");
	put_le(m.bytes + VENDOR_BOOT_HEADER_SIZE, VENDOR_BOOT_V3_SAID, 4);
	assert_int_equal(read(&m, &a), 0);
	assert_text(a.dtb, "tree");
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

struct part {
	enum image_part_kind kind;
	const char *text;
};

static void assert_parts(const struct image *m, const struct part *want, unsigned n)
{
	assert_int_equal(m->format, IMAGE_ANDROID);
	assert_int_equal(m->parts.n, n);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(m->parts.v[i].kind, want[i].kind);
		assert_text(m->parts.v[i].data, want[i].text);
	}
}

/* As the probe finds it, in the order that parts of one kind are joined in. */
static void gives_its_parts(void **state)
{
	(void)state;
	static const struct part want[] = {{PART_KERNEL, "kernel"},
					   {PART_INITRD, "ramdisk"},
					   {PART_DTB, "tree"},
					   {PART_CMDLINE, "console=ttyS0"},
					   {PART_CMDLINE, " quiet"}};
	struct android_make m;
	struct image im;

	android_make_old(&m, 2, 2048);
	assert_int_equal(image_parse(span_of(m.bytes, m.len), &im, NULL), 0);
	assert_null(im.arch);
	assert_parts(&im, want, sizeof(want) / sizeof(*want));
	assert_ptr_equal(im.file.ptr + im.payload_off, im.parts.v[0].data.ptr);
	free(m.bytes);
}

/* The vendor's ramdisk first (what is for recovery is left out), its line last. */
static void goes_with_its_vendor_boot(void **state)
{
	(void)state;
	static const struct part want[] = {
		{PART_KERNEL, "kernel"},         {PART_INITRD, "ram"},
		{PART_INITRD, "ramdisk"},        {PART_DTB, "tree"},
		{PART_CMDLINE, "console=ttyS0"}, {PART_CMDLINE, " "},
		{PART_CMDLINE, "console=ttyS0"}, {PART_BOOTCONFIG, "a=1"}};
	struct android_make boot, vendor;
	struct image im;
	struct image_choice choice = {0};
	struct span file;

	android_make_new(&boot, 4);
	file = span_of(boot.bytes, boot.len);
	android_make_vendor(&vendor, 4, 2048);
	android_make_table(&vendor);
	android_make_add(&vendor, VENDOR_BOOT_BOOTCONFIG_SIZE, "a=1");
	choice.vendor_boot = span_of(vendor.bytes, vendor.len);
	assert_int_equal(image_parse_as(file, &choice, &im, NULL), 0);
	assert_parts(&im, want, sizeof(want) / sizeof(*want));
	assert_text(im.parts.v[1].name, "first");
	assert_string_equal(im.about,
			    "boot, header version 4, pages of 4096 bytes; vendor_boot, header "
			    "version 4, pages of 4096 bytes; 1 of its 2 ramdisks are for recovery "
			    "and left out");
	/* By itself, the same without the other's. */
	assert_int_equal(image_parse(choice.vendor_boot, &im, NULL), 0);
	assert_int_equal(im.parts.n, 4);
	free(boot.bytes);
	free(vendor.bytes);
}

static void goes_with_no_other(void **state)
{
	(void)state;
	struct android_make old, new, vendor;
	struct image_choice choice = {0};
	struct image im;
	struct err err = ERR_INIT;

	android_make_old(&old, 2, 2048);
	android_make_new(&new, 3);
	android_make_vendor(&vendor, 3, 2048);
	const struct {
		const struct android_make *file, *beside;
		const char *why;
	} bad[] = {{&old, &vendor, "is a boot image of version 2"},
		   {&vendor, &vendor, "is a vendor_boot image of version 3"},
		   {&new, &old, "is no vendor_boot image"}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		choice.vendor_boot = span_of(bad[i].beside->bytes, bad[i].beside->len);
		err = (struct err)ERR_INIT;
		assert_int_equal(image_parse_as(span_of(bad[i].file->bytes, bad[i].file->len),
						&choice, &im, &err),
				 -EINVAL);
		assert_non_null(strstr(err.text, bad[i].why));
	}
	choice.vendor_boot = span_of(vendor.bytes, vendor.len - 1);
	assert_int_equal(image_parse_as(span_of(new.bytes, new.len), &choice, &im, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "its vendor_boot image: device tree of 0x4 bytes"));
	free(old.bytes);
	free(new.bytes);
	free(vendor.bytes);
}

static void its_table_is_checked(void **state)
{
	(void)state;
	struct android_make m;
	const uint32_t entry = 3 * 4096; /* behind header, ramdisk and tree */

	android_make_vendor(&m, 4, 4096);
	android_make_table(&m);
	refused(&m, VENDOR_BOOT_TABLE_COUNT, 3, -EBADMSG, "has 0xd8 bytes, not 3 entries");
	refused(&m, VENDOR_BOOT_TABLE_COUNT, UINT32_MAX, -EBADMSG, "entries of 0x6c or more");
	refused(&m, VENDOR_BOOT_ENTRY_SIZE, VENDOR_RAMDISK_ENTRY - 1, -EBADMSG, "entries");
	refused(&m, VENDOR_BOOT_ENTRY_SIZE, 0, -EBADMSG, "entries");
	refused(&m, VENDOR_BOOT_ENTRY_SIZE, 2 * VENDOR_RAMDISK_ENTRY, -EBADMSG, "entries");
	refused(&m, entry, 8, -EBADMSG, "ramdisk 0 of its table (0x8 bytes at 0x0) is not in");
	refused(&m, entry + VENDOR_RAMDISK_ENTRY + 4, UINT32_MAX, -EBADMSG, "at 0xffffffff");
	android_make_add(&m, VENDOR_BOOT_BOOTCONFIG_SIZE, "a=1");
	every_cut_is_told(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_old_versions),
		cmocka_unit_test(a_full_line_ends),
		cmocka_unit_test(reads_the_new_versions),
		cmocka_unit_test(absent_parts_take_no_room),
		cmocka_unit_test(gives_its_parts),
		cmocka_unit_test(goes_with_its_vendor_boot),
		cmocka_unit_test(goes_with_no_other),
		cmocka_unit_test(its_table_is_checked),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(cuts),
	};

	return cmocka_run_group_tests_name("android", tests, NULL, NULL);
}
