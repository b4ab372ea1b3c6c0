/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "vmcore/source.h"
#include "vmcore/testcore.h"

/* The dump @c as a file whose header says byte order @data; its first bytes, as readers get them.
 */
static void read_head(struct testcore *c, uint8_t data, uint8_t head[64])
{
	char path[] = "/tmp/baton-source-XXXXXX";
	struct source s = SOURCE_INIT;
	struct err err = ERR_INIT;
	struct buf file = core_file(c);
	int fd = mkstemp(path);

	core_done(c);
	file.ptr[EI_DATA] = data;
	assert_int_equal(file_write_all(fd, buf_span(&file)), 0);
	close(fd);
	assert_int_equal(source_open(path, &s, &err), 0);
	struct elf_io io = source_io(&s);

	assert_int_equal(io.read_at(io.ctx, 0, head, 64), 0);
	assert_int_equal(head[EI_DATA] == data, !memcmp(head, file.ptr, 64));
	/* Alone, at the end of what is read, and behind it. */
	uint8_t five[6];

	assert_int_equal(io.read_at(io.ctx, EI_DATA, five, 1), 0);
	assert_int_equal(five[0], head[EI_DATA]);
	assert_int_equal(io.read_at(io.ctx, 0, five, 5), 0);
	assert_memory_equal(five, file.ptr, 5);
	assert_int_equal(io.read_at(io.ctx, EI_DATA + 1, five, 6), 0);
	assert_memory_equal(five, file.ptr + EI_DATA + 1, 6);
	source_close(&s);
	unlink(path);
	buf_done(&file);
}

/* ppc64, kexec_file_load: the kernel's own header. */
static void a_header_that_denies_its_byte_order(void **state)
{
	(void)state;
	uint8_t head[64];

	read_head(core_new(false, true), ELFDATA2LSB, head);
	assert_int_equal(head[EI_DATA], ELFDATA2MSB);
}

static void sound_headers_stay(void **state)
{
	(void)state;
	uint8_t head[64];

	read_head(core_new(false, true), ELFDATA2MSB, head);
	assert_int_equal(head[EI_DATA], ELFDATA2MSB);
	read_head(core_new(false, false), ELFDATA2LSB, head);
	assert_int_equal(head[EI_DATA], ELFDATA2LSB);
	read_head(core_new(false, false), ELFDATA2MSB, head);
	assert_int_equal(head[EI_DATA], ELFDATA2MSB); /* damage, for the reader to tell */
}

/* A file of holes. */
static void places_beyond_4g_are_right(void **state)
{
	(void)state;
	const uint64_t far = 5ull << 30;
	char path[] = "/tmp/baton-source-XXXXXX", got[5] = "";
	struct source s = SOURCE_INIT;
	struct err err = ERR_INIT;
	int fd = mkstemp(path);

	assert_int_equal(pwrite(fd, "here", 4, (off_t)far), 4);
	close(fd);
	assert_int_equal(source_open(path, &s, &err), 0);
	assert_true(s.size == far + 4);
	struct elf_io io = source_io(&s);

	assert_int_equal(io.read_at(io.ctx, far, got, 4), 0);
	assert_string_equal(got, "here");
	assert_int_equal(io.read_at(io.ctx, far + 1, got, 4), -ENODATA);
	source_close(&s);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_that_denies_its_byte_order),
		cmocka_unit_test(sound_headers_stay),
		cmocka_unit_test(places_beyond_4g_are_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
