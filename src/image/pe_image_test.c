/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include "image/pe_image.h"
#include "image/uki_make.h"

static const char banner[] = "Linux version 6.12.1-loong (a@b) #1 SMP";

static void make(struct uki_make *m, uint16_t machine)
{
	uki_make_begin(m, machine);
	uki_make_text(m, ".text", banner);
	put_le(m->bytes + UKI_MAKE_PE + 24 + 56, 0x1230000, 4);
}

static void refused(const struct uki_make *m, size_t len, int want, const char *why)
{
	struct image im;
	struct err err = ERR_INIT;

	assert_int_equal(pe_image_parse(span_of(m->bytes, len), &im, &err), want);
	assert_non_null(strstr(err.text, why));
}

static void reads_a_kernel(void **state)
{
	(void)state;
	struct uki_make m;
	struct image im;

	make(&m, PE_MACHINE_LOONGARCH64);
	assert_int_equal(pe_image_parse(span_of(m.bytes, m.len), &im, NULL), 0);
	assert_int_equal(im.format, IMAGE_PE);
	assert_string_equal(im.arch, "loongarch64");
	assert_int_equal(im.bits, 64);
	assert_string_equal(im.version, "6.12.1-loong");
	assert_int_equal(im.footprint_running, 0x1230000);
	/* An optional header that ends before the field does not tell. */
	put_le(m.bytes + UKI_MAKE_PE + 20, 59, 2);
	make(&m, PE_MACHINE_LOONGARCH64);
	assert_int_equal(pe_image_parse(span_of(m.bytes, m.len), &im, NULL), 0);
}

static void others_are_none(void **state)
{
	(void)state;
	struct uki_make m;

	uki_make_begin(&m, PE_MACHINE_X86_64);
	uki_make_text(&m, ".text", "Linux version %s");
	refused(&m, m.len, -ENOEXEC, "");
	make(&m, 0x1f0); /* PowerPC */
	refused(&m, m.len, -ENOTSUP, "PE machine 0x1f0");
	make(&m, PE_MACHINE_X86_64);
	memcpy(m.bytes + UKI_MAKE_PE, "NE", 2);
	refused(&m, m.len, -ENOEXEC, "");
}

/* The sections tell where the file ends. */
static void every_cut_is_told(void **state)
{
	(void)state;
	struct uki_make m;

	make(&m, PE_MACHINE_LOONGARCH64);
	for (size_t cut = 0; cut < m.len; cut++) {
		bool banner_ends = cut > UKI_MAKE_DATA + 26;

		refused(&m, cut, banner_ends ? -EBADMSG : -ENOEXEC, banner_ends ? "file ends" : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_kernel),
		cmocka_unit_test(others_are_none),
		cmocka_unit_test(every_cut_is_told),
	};

	return cmocka_run_group_tests_name("pe_image", tests, NULL, NULL);
}
