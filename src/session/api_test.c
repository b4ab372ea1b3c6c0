/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <baton.h>
#include <errno.h>
#include <string.h>

/* Only what never touches the running kernel: bad arguments, and plans for folders that hold no
 * machine. */

static void arguments_are_checked(void **state)
{
	(void)state;
	struct baton_error err = {0};
	struct baton_load what = {.size = sizeof(what)};
	char *json = NULL;

	assert_int_equal(baton_load(NULL, &err), -EINVAL);
	assert_int_equal(baton_load(&what, &err), -EINVAL);
	what.image = "/nonexistent/vmlinuz";
	what.root = "/nonexistent";
	assert_int_equal(baton_load(&what, &err), -EINVAL);
	assert_string_equal(err.text, "baton_load: bad arguments");
	assert_int_equal(err.code, EINVAL);
	what.size--;
	assert_int_equal(baton_plan_json(&what, &json, NULL), -EINVAL);
	what.size++;
	what.syscall = (enum baton_syscall)3;
	assert_int_equal(baton_plan_json(&what, &json, NULL), -EINVAL);
	assert_int_equal(baton_status(NULL, &err), -EINVAL);
	assert_null(json);
}

static void reasons_reach_the_caller(void **state)
{
	(void)state;
	struct baton_error err = {0};
	struct baton_load what = {
		.size = sizeof(what), .image = "/nonexistent/vmlinuz", .root = "/nonexistent"};
	char *json = NULL;

	assert_int_equal(baton_plan_json(&what, &json, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent"));
	assert_int_equal(err.code, ENOENT);
	assert_null(json);
	assert_non_null(strchr(baton_version(), '.'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_checked),
		cmocka_unit_test(reasons_reach_the_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
