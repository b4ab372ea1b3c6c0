/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "session/choose.h"

#define ANY .load_call = -1, .file_call = -1, .file_ok = true

static const struct {
	const char *name;
	struct choose_facts f;
	int r;
	enum plan_syscall call;
	bool falls_back;
	const char *says; /* part of why, or of the error */
} rows[] = {
	{"auto takes our purgatory", {ANY}, 0, PLAN_LOAD, true, ""},
	{"auto with an option of its own", {ANY, .needs_load = "--avoid"}, 0, PLAN_LOAD, false, ""},
	{"auto under lockdown", {ANY, .locked_down = true}, 0, PLAN_FILE, false, "locked down"},
	{"auto without kexec_load",
	 {.load_call = 0, .file_call = 1, .file_ok = true},
	 0,
	 PLAN_FILE,
	 false,
	 "no kexec_load"},
	{"auto with neither call: let the kernel say it",
	 {.load_call = 0, .file_call = 0, .file_ok = true},
	 0,
	 PLAN_LOAD,
	 false,
	 ""},
	{"auto with hand-over", {ANY, .hand_over = true}, 0, PLAN_FILE, false, "hand-over"},
	{"auto in a confidential guest",
	 {ANY, .confidential = true},
	 0,
	 PLAN_FILE,
	 false,
	 "confidential guest"},
	{"an option of the file call", {ANY, .needs_file = "--no-cma"}, 0, PLAN_FILE, false, ""},
	{"lockdown against an option",
	 {ANY, .locked_down = true, .needs_load = "--avoid"},
	 -EINVAL,
	 0,
	 false,
	 "'--avoid' needs kexec_load, but this kernel is locked down"},
	{"lockdown against an image",
	 {.load_call = 1, .file_call = 1, .file_why = "it is an ELF file", .locked_down = true},
	 -ENOTSUP,
	 0,
	 false,
	 "cannot take this image: it is an ELF file"},
	{"load stays load",
	 {ANY, .want = CHOOSE_LOAD, .locked_down = true},
	 0,
	 PLAN_LOAD,
	 false,
	 ""},
	{"load against an option",
	 {ANY, .want = CHOOSE_LOAD, .needs_file = "--no-cma"},
	 -EINVAL,
	 0,
	 false,
	 "'--no-cma' needs kexec_file_load"},
	{"file stays file", {ANY, .want = CHOOSE_FILE}, 0, PLAN_FILE, false, ""},
	{"file against an option",
	 {ANY, .want = CHOOSE_FILE, .needs_load = "--mem-max"},
	 -EINVAL,
	 0,
	 false,
	 "'--mem-max' needs kexec_load"},
	{"file against an image",
	 {.want = CHOOSE_FILE, .file_why = "too old"},
	 -ENOTSUP,
	 0,
	 false,
	 "too old"},
	{"options against each other",
	 {ANY, .needs_load = "--avoid", .needs_file = "--no-cma"},
	 -EINVAL,
	 0,
	 false,
	 "'--avoid' needs kexec_load, and '--no-cma'"},
	{"file first", {ANY, .want = CHOOSE_FILE_FIRST}, 0, PLAN_FILE, true, ""},
	{"file first without kexec_load",
	 {.load_call = 0, .file_call = -1, .file_ok = true, .want = CHOOSE_FILE_FIRST},
	 0,
	 PLAN_FILE,
	 false,
	 "no kexec_load"},
	{"file first, no such call",
	 {.load_call = 1, .file_call = 0, .file_ok = true, .want = CHOOSE_FILE_FIRST},
	 0,
	 PLAN_LOAD,
	 false,
	 "no kexec_file_load"},
	{"file first, an image for load",
	 {.load_call = 1,
	  .file_call = 1,
	  .file_why = "it is an ELF file",
	  .want = CHOOSE_FILE_FIRST},
	 0,
	 PLAN_LOAD,
	 false,
	 "ELF"},
	{"file first, an option for load",
	 {ANY, .want = CHOOSE_FILE_FIRST, .needs_load = "--mem-min"},
	 0,
	 PLAN_LOAD,
	 false,
	 "--mem-min"},
	{"file first under lockdown never falls back",
	 {ANY, .want = CHOOSE_FILE_FIRST, .locked_down = true},
	 0,
	 PLAN_FILE,
	 false,
	 "locked down"},
	{"file first with hand-over never falls back",
	 {ANY, .want = CHOOSE_FILE_FIRST, .hand_over = true},
	 0,
	 PLAN_FILE,
	 false,
	 "hand-over"},
};

static void the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct choice c;
		struct err err = ERR_INIT;
		int r = choose_call(&rows[i].f, &c, &err);
		const char *said = r < 0 ? err.text : c.why;

		if (r != rows[i].r || !strstr(said, rows[i].says) ||
		    (!r && (c.call != rows[i].call || c.may_fall_back != rows[i].falls_back)) ||
		    (!r && !rows[i].says[0] && said[0])) {
			print_error("%s: %d, call %u, falls back %d, says '%s'\n", rows[i].name, r,
				    c.call, c.may_fall_back, said);
			assert_true(false);
		}
	}
}

static void policy_is_final(void **state)
{
	(void)state;
	static const int final[] = {EPERM,  EKEYREJECTED, ENOKEY,        ENODATA,
				    ENOMEM, EBUSY,        EADDRNOTAVAIL, 0};
	static const int soft[] = {ENOSYS, EINVAL, ENOEXEC, ENOTSUP};
	struct choice may = {.call = PLAN_FILE, .may_fall_back = true}, not = {.call = PLAN_FILE};

	for (size_t i = 0; i < sizeof(final) / sizeof(final[0]); i++)
		assert_false(choose_fall_back(&may, -final[i]));
	for (size_t i = 0; i < sizeof(soft) / sizeof(soft[0]); i++) {
		assert_true(choose_fall_back(&may, -soft[i]));
		assert_false(choose_fall_back(&not, -soft[i]));
	}
}

/* IMA permits files alone; what else kexec_load is refused for stays refused. */
static void only_files_are_permitted(void **state)
{
	(void)state;
	struct choice may = {.call = PLAN_LOAD, .may_fall_back = true}, not = {.call = PLAN_LOAD};
	static const int final[] = {EPERM, EBUSY, EINVAL, ENOSYS, ENOMEM, 0};

	assert_true(choose_fall_back(&may, -EACCES));
	assert_false(choose_fall_back(&not, -EACCES));
	for (size_t i = 0; i < sizeof(final) / sizeof(final[0]); i++)
		assert_false(choose_fall_back(&may, -final[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table),
		cmocka_unit_test(policy_is_final),
		cmocka_unit_test(only_files_are_permitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
