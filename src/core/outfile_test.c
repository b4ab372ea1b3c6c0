/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/outfile.h"

static const char pattern[] = "/tmp/baton-outfile-XXXXXX";
static char dir[sizeof(pattern)], path[64];

static int setup(void **state)
{
	(void)state;
	memcpy(dir, pattern, sizeof(dir));
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/dest", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

/* Offsets and sizes beyond 4 GiB: a file of holes. */
static void places_beyond_4g_are_right(void **state)
{
	(void)state;
	const uint64_t far = 5ull << 30;
	struct outfile f;
	struct err err = ERR_INIT;
	char got[5] = "";

	assert_int_equal(outfile_open(path, &f, &err), 0);
	assert_int_equal(outfile_write(&f, far, span_of("here", 4)), 0);
	assert_int_equal(outfile_commit(&f, false, &err), 0);
	outfile_done(&f);
	int fd = open(path, O_RDONLY);

	assert_int_equal(lseek(fd, 0, SEEK_END), far + 4);
	assert_int_equal(pread(fd, got, 4, (off_t)far), 4);
	assert_string_equal(got, "here");
	close(fd);
}

static void holds(const char *want)
{
	struct buf b = BUF_INIT;

	assert_int_equal(file_read(AT_FDCWD, path, 100, &b, NULL), 0);
	assert_string_equal(buf_str(&b), want);
	buf_done(&b);
}

static void a_file_is_replaced_only_when_asked(void **state)
{
	(void)state;
	struct err err = ERR_INIT;

	assert_int_equal(outfile_check(path, false, &err), 0);
	assert_int_equal(outfile_store(path, span_of("one", 3), false, &err), 0);
	assert_int_equal(outfile_check(path, false, &err), -EEXIST);
	assert_non_null(strstr(err.text, "--force replaces it"));
	/* It may have come in between. */
	assert_int_equal(outfile_store(path, span_of("two", 3), false, &err), -EEXIST);
	holds("one");
	assert_int_equal(outfile_check(path, true, &err), 0);
	assert_int_equal(outfile_store(path, span_of("two", 3), true, &err), 0);
	holds("two");
	assert_int_equal(outfile_check(dir, true, &err), -EEXIST);
	assert_non_null(strstr(err.text, "no regular file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(places_beyond_4g_are_right, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_is_replaced_only_when_asked, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
