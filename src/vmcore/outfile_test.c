/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmcore/outfile.h"
#include "vmcore/source.h"

/* Offsets and sizes beyond 4 GiB: a file of holes. */
static void places_beyond_4g_are_right(void **state)
{
	(void)state;
	const uint64_t far = 5ull << 30;
	char dir[] = "/tmp/baton-outfile-XXXXXX", path[64];
	struct outfile f;
	struct source s;
	struct err err = ERR_INIT;
	char got[5] = "";

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/dest", dir);
	assert_int_equal(outfile_open(path, &f, &err), 0);
	assert_int_equal(outfile_write(&f, far, span_of("here", 4)), 0);
	assert_int_equal(outfile_commit(&f, false, &err), 0);
	outfile_done(&f);
	assert_int_equal(source_open(path, &s, &err), 0);
	assert_true(s.size == far + 4);
	struct elf_io io = source_io(&s);
	assert_int_equal(io.read_at(io.ctx, far, got, 4), 0);
	assert_string_equal(got, "here");
	assert_int_equal(io.read_at(io.ctx, far + 1, got, 4), -ENODATA);
	source_close(&s);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_beyond_4g_are_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
