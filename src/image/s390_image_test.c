/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include "../tests/images/s390_make.h"
#include "image/inside.h"
#include "image/payload.h"

static int setup(void **state)
{
	*state = s390_make();
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static struct image parsed(const uint8_t *p)
{
	struct image m;

	assert_int_equal(image_parse(span_of(p, S390_MAKE_SIZE), &m, NULL), 0);
	return m;
}

static void reads_it(void **state)
{
	struct image m = parsed(*state);

	assert_int_equal(m.format, IMAGE_S390_IMAGE);
	assert_string_equal(image_format_name(m.format), "s390-image");
	assert_string_equal(m.arch, "s390x");
	assert_true(m.big && m.bits == 64 && m.s390.kdump);
	assert_string_equal(m.version, "6.1.0-50-s390x");
	assert_int_equal(m.entry64, 0x10000);
	assert_int_equal(m.s390.cmdline_max, 4096);
}

/* The magic in the decompressor's own constants is no stream. */
static void finds_the_kernel_inside(void **state)
{
	struct image m = parsed(*state);

	assert_int_equal(m.compression, COMP_XZ);
	assert_int_equal(m.payload_off, S390_MAKE_XZ);
	assert_int_equal(m.payload_size, S390_MAKE_PACKED);
	assert_int_equal(m.unpacked_size, S390_MAKE_UNPACKED);
	/* Image, heap, kernel in whole pages, an eighth of it, 1 MiB. */
	assert_int_equal(m.footprint_unpacking, 0x13000 + 0x10000 + 0x4000 + 0x1000 + 0x100000);
}

static void each_compression_is_told(void **state)
{
	static const struct {
		enum image_compression comp;
		uint8_t head[12];
		uint64_t heap;
	} t[] = {
		{COMP_ZSTD, {0x28, 0xb5, 0x2f, 0xfd, 0xa4}, 0x30000},
		{COMP_GZIP, {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3}, 0x10000},
		{COMP_LZ4, {0x02, 0x21, 0x4c, 0x18}, 0x10000},
		{COMP_LZO, {0x89, 'L', 'Z', 'O', 0, '\r', '\n', 0x1a, '\n', 0x10}, 0x10000},
		{COMP_BZIP2, {'B', 'Z', 'h', '9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59}, 0x400000},
		{COMP_LZMA, {0x5d, 0, 0, 0, 4, 255, 255, 255, 255, 255, 255, 255}, 0x10000},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		memcpy((uint8_t *)*state + S390_MAKE_XZ, t[i].head, sizeof(t[i].head));
		struct image m = parsed(*state);

		assert_int_equal(m.compression, t[i].comp);
		assert_int_equal(m.payload_off, S390_MAKE_XZ);
		assert_int_equal(m.footprint_unpacking, 0x118000 + t[i].heap);
	}
}

static void what_is_not_there_is_unknown(void **state)
{
	uint8_t *p = *state;

	p[S390_MAKE_XZ + 8] ^= 1;
	struct image m = parsed(p);
	assert_int_equal(m.compression, COMP_UNKNOWN);
	assert_int_equal(m.payload_size, 0);
	assert_int_equal(m.footprint_unpacking, 0);
	put_be(p + S390_VERSION_AT, S390_MAKE_SIZE - 3, 8);
	assert_string_equal(parsed(p).version, "");
	put_be(p + S390_VERSION_AT, UINT64_MAX, 8);
	assert_string_equal(parsed(p).version, "");
}

/* A size of 1 MiB or more, or with zeros for its highest bytes, and one that nobody can mean. */
static void the_size_behind_the_stream(void **state)
{
	static const struct {
		uint32_t said;
		uint64_t unpacked, packed;
	} t[] = {{0x801, 0x801, 0x800},
		 {0x7fff, 0x7fff, 0x800},
		 {0x10000, 0, 0x7ff},
		 {0x2000, 0x2000, 0x800}};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		put_le((uint8_t *)*state + S390_MAKE_XZ + S390_MAKE_PACKED - 4, t[i].said, 4);
		struct image m = parsed(*state);

		assert_int_equal(m.unpacked_size, t[i].unpacked);
		assert_int_equal(m.payload_size, t[i].packed);
	}
}

static void a_kernel_without_crash_dump(void **state)
{
	/* larl %r13, ...; lpswe 0(%r13) */
	static const uint8_t wait[] = {0xc0, 0xd0, 0, 0, 0, 4, 0xb2, 0xb2, 0xd0, 0};
	uint8_t *p = *state;

	memcpy(p + 0x10100, wait, sizeof(wait));
	assert_false(parsed(p).s390.kdump);
	p[0x10100] = 0xa7;
	assert_true(parsed(p).s390.kdump);
	put_be(p + S390_ENTRY_KDUMP + 2, 0x8000, 2); /* 64 KiB back, before the file */
	assert_true(parsed(p).s390.kdump);
	put_be(p + S390_ENTRY_KDUMP, 0xc0f480000000, 6);
	assert_false(parsed(p).s390.kdump);
	put_be(p + S390_ENTRY_KDUMP, 0, 6);
	assert_false(parsed(p).s390.kdump);
}

static void the_command_line_lies_in_the_file(void **state)
{
	uint8_t *p = *state;
	struct image m;
	struct err err = ERR_INIT;

	put_be(p + S390_CMDLINE_MAX, 0, 8);
	assert_int_equal(parsed(p).s390.cmdline_max, 896);
	put_be(p + S390_CMDLINE_MAX, S390_MAKE_SIZE - S390_CMDLINE, 8);
	assert_int_equal(parsed(p).s390.cmdline_max, S390_MAKE_SIZE - S390_CMDLINE);
	put_be(p + S390_CMDLINE_MAX, S390_MAKE_SIZE - S390_CMDLINE + 1, 8);
	assert_int_equal(s390_image_parse(span_of(p, S390_MAKE_SIZE), &m, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "runs off the image"));
	put_be(p + S390_CMDLINE_MAX, UINT64_MAX, 8);
	assert_int_equal(s390_image_parse(span_of(p, S390_MAKE_SIZE), &m, &err), -EBADMSG);
}

/* Cut anywhere: none of ours, damaged, or sound; never a read behind the end (ASan looks). */
static void cut_anywhere(void **state)
{
	for (size_t n = 0; n < S390_MAKE_SIZE; n += n >= 0x10000 && n < 0x10500 ? 1 : 251) {
		uint8_t *p = malloc(n ? n : 1);
		struct image m;
		int r;

		memcpy(p, *state, n);
		r = s390_image_parse(span_of(p, n), &m, NULL);
		assert_int_equal(r, n < 0x1000e ? -ENOEXEC : n < 0x11480 ? -EBADMSG : 0);
		free(p);
	}
}

static void other_files_are_not_taken(void **state)
{
	uint8_t *p = *state;
	struct image m;

	p[S390_MAGIC + 5] = 'Q';
	assert_int_equal(s390_image_parse(span_of(p, S390_MAKE_SIZE), &m, NULL), -ENOEXEC);
}

static void looking_inside_wants_no_elf(void **state)
{
	struct image m = parsed(*state);
	const char *raw = "\1\2Linux version 6.6.6-test (a@b)";

	assert_int_equal(image_look_inside(&m, span_of(raw, strlen(raw)), NULL), 0);
	assert_string_equal(m.version, "6.1.0-50-s390x");
	m.version[0] = 0;
	assert_int_equal(image_look_inside(&m, span_of(raw, strlen(raw)), NULL), 0);
	assert_string_equal(m.version, "6.6.6-test");
}

/* struct vmlinux_info, before the payload, tells what the kernel takes. */
static void the_running_size_is_found(void **state)
{
	struct image m = parsed(*state);
	uint64_t at = (m.payload_off & ~7ull) - 0x40;
	uint8_t *p = malloc(m.file.len);

	assert_int_equal(m.footprint_running, 0);
	assert_true(m.unpacked_size && at > S390_CMDLINE);
	assert_non_null(p);
	memcpy(p, m.file.ptr, m.file.len);
	put_be(p + at, 0x100000, 8);
	put_be(p + at + 8, 0x100000, 8);
	put_be(p + at + 16, m.unpacked_size + 0x123, 8);
	put_be(p + at + 24, 0x3000, 8);
	assert_int_equal(s390_image_parse(span_of(p, m.file.len), &m, NULL), 0);
	assert_int_equal(m.footprint_running, 0x103123 + m.unpacked_size);
	assert_true(m.footprint_unpacking >= m.footprint_running);
	/* Of another size than what unpacks: something else. */
	put_be(p + at + 16, m.unpacked_size + 0x1000, 8);
	assert_int_equal(s390_image_parse(span_of(p, m.file.len), &m, NULL), 0);
	assert_int_equal(m.footprint_running, 0);
	free(p);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(reads_it),
		T(finds_the_kernel_inside),
		T(each_compression_is_told),
		T(what_is_not_there_is_unknown),
		T(the_size_behind_the_stream),
		T(a_kernel_without_crash_dump),
		T(the_command_line_lies_in_the_file),
		T(cut_anywhere),
		T(other_files_are_not_taken),
		T(the_running_size_is_found),
		T(looking_inside_wants_no_elf),
	};

	return cmocka_run_group_tests_name("s390_image", tests, NULL, NULL);
}
