/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/progress.h"

/* What progress_step writes to standard error, in @out. */
static void step(struct progress *p, uint64_t done, uint64_t total, char out[200])
{
	FILE *file = tmpfile();
	int keep = dup(STDERR_FILENO);

	assert_non_null(file);
	assert_true(keep >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
	progress_step(p, done, total);
	progress_end(p);
	assert_true(dup2(keep, STDERR_FILENO) >= 0);
	close(keep);
	ssize_t n = pread(fileno(file), out, 199, 0);
	assert_true(n >= 0);
	out[n] = 0;
	fclose(file);
}

static void says_rate_and_time_left(void **state)
{
	(void)state;
	struct progress p;
	char out[200];

	progress_start(&p, "saving");
	p.on = true;
	p.begun -= 4000;
	p.last -= 4000;
	step(&p, 40 << 20, 100 << 20, out);
	assert_non_null(strstr(out, "\rsaving:  40 %, 40 of 100 MiB, 10 MiB/s, 6 s left"));
	assert_int_equal(out[strlen(out) - 1], '\n');
	/* Not again at once. */
	step(&p, 41 << 20, 100 << 20, out);
	assert_string_equal(out, "");
}

static void is_silent(void **state)
{
	(void)state;
	struct progress p;
	char out[200];

	/* In the first two seconds, and where nobody looks. */
	progress_start(&p, "saving");
	p.on = true;
	step(&p, 1, 2, out);
	assert_string_equal(out, "");
	p.on = false;
	p.begun -= 9000;
	p.last -= 9000;
	step(&p, 1, 2, out);
	assert_string_equal(out, "");
	p.on = true;
	step(&p, 0, 0, out);
	assert_non_null(strstr(out, "0 of 0 MiB"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_rate_and_time_left),
		cmocka_unit_test(is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
