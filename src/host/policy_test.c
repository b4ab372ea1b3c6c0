/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "host/facts_tree.h"
#include "host/policy.h"

static void nothing_known(void **state)
{
	(void)state;
	struct fake_root t;
	struct err err = ERR_INIT;
	struct host_policy p;

	tree_init(&t);
	assert_int_equal(host_policy(t.dir, &p, &err), 0);
	assert_int_equal(p.loaded, HOST_UNKNOWN);
	assert_int_equal(p.crash_loaded, HOST_UNKNOWN);
	assert_false(p.has_crash_size);
	assert_int_equal(p.has_load, HOST_UNKNOWN);
	assert_int_equal(p.load_disabled, HOST_UNKNOWN);
	assert_int_equal(p.limit_panic, -1);
	assert_int_equal(p.limit_reboot, -1);
	assert_int_equal(p.lockdown, LOCKDOWN_UNKNOWN);
	assert_null(host_lockdown_name(p.lockdown));
	assert_int_equal(p.secure_boot, HOST_UNKNOWN);
	assert_int_equal(p.handover, HOST_UNKNOWN);
	tree_done(&t);
}

static void new_names_before_the_old(void **state)
{
	(void)state;
	struct fake_root t;
	struct err err = ERR_INIT;
	struct host_policy p;

	tree_init(&t);
	tree_put(&t, "sys/kernel/kexec_loaded", "0\n");
	tree_put(&t, "sys/kernel/kexec_crash_loaded", "1\n");
	tree_put(&t, "sys/kernel/kexec_crash_size", "201326592\n");
	assert_int_equal(host_policy(t.dir, &p, &err), 0);
	assert_int_equal(p.loaded, HOST_NO);
	assert_int_equal(p.crash_loaded, HOST_YES);
	assert_true(p.has_crash_size);
	assert_int_equal(p.crash_size, 201326592);
	tree_put(&t, "sys/kernel/kexec/loaded", "1\n");
	tree_put(&t, "sys/kernel/kexec/crash_loaded", "0\n");
	tree_put(&t, "sys/kernel/kexec/crash_size", "0\n");
	assert_int_equal(host_policy(t.dir, &p, &err), 0);
	assert_int_equal(p.loaded, HOST_YES);
	assert_int_equal(p.crash_loaded, HOST_NO);
	assert_true(p.has_crash_size && !p.crash_size);
	tree_done(&t);
}

static void what_is_forbidden(void **state)
{
	(void)state;
	struct fake_root t;
	struct err err = ERR_INIT;
	struct host_policy p;
	static const char var[] = "sys/firmware/efi/efivars/"
				  "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

	tree_init(&t);
	tree_put(&t, "proc/sys/kernel/kexec_load_disabled", "1\n");
	tree_put(&t, "proc/sys/kernel/kexec_load_limit_panic", "-1\n");
	tree_put(&t, "proc/sys/kernel/kexec_load_limit_reboot", "3\n");
	tree_put(&t, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	tree_put_bytes(&t, var, span_of("\6\0\0\0\1", 5));
	tree_put(&t, "sys/kernel/debug/kho/out/finalize", "1\n");
	assert_int_equal(host_policy(t.dir, &p, &err), 0);
	assert_int_equal(p.load_disabled, HOST_YES);
	assert_int_equal(p.limit_panic, -1);
	assert_int_equal(p.limit_reboot, 3);
	assert_string_equal(host_lockdown_name(p.lockdown), "integrity");
	assert_int_equal(p.secure_boot, HOST_YES);
	assert_int_equal(p.handover, HOST_YES);
	tree_put(&t, "sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	tree_put_bytes(&t, var, span_of("\6\0\0\0\0", 5));
	assert_int_equal(host_policy(t.dir, &p, &err), 0);
	assert_string_equal(host_lockdown_name(p.lockdown), "none");
	assert_int_equal(p.secure_boot, HOST_NO);
	tree_put(&t, "proc/sys/kernel/kexec_load_limit_reboot", "-2\n");
	assert_int_equal(host_policy(t.dir, &p, &err), -EBADMSG);
	tree_done(&t);
}

/* The text is that of kernels without kexec, with one of the calls, and with both. */
static void calls_by_symbols(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum host_answer load, file;
	} table[] = {
		{"0 T _text\n0 W __pfx___x64_sys_kexec_load\n0 W __x64_sys_kexec_load\n"
		 "0 W __ia32_sys_kexec_load\n0 W __x64_sys_kexec_file_load\n",
		 HOST_NO, HOST_NO},
		{"0 T __x64_sys_kexec_load\n0 T __x64_sys_kexec_file_load\n", HOST_YES, HOST_YES},
		{"0 T sys_kexec_load\n0 W sys_kexec_file_load\n", HOST_YES, HOST_NO},
		{"0 T __do_sys_kexec_load\n0 T kexec_load\n", HOST_UNKNOWN, HOST_UNKNOWN},
		{"0 T __x64_sys_kexec_load [evil]\n", HOST_UNKNOWN, HOST_UNKNOWN},
		{"garbage\n\n \nx T __x64_sys_kexec_load\n0 T", HOST_UNKNOWN, HOST_UNKNOWN},
		{"", HOST_UNKNOWN, HOST_UNKNOWN},
		{"0 T __arm64_sys_kexec_load\n0 T __arm64_sys_kexec_file_load", HOST_YES, HOST_YES},
	};
	struct fake_root t;

	tree_init(&t);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct err err = ERR_INIT;
		struct host_policy p;

		tree_put(&t, "proc/kallsyms", table[i].text);
		assert_int_equal(host_policy(t.dir, &p, &err), 0);
		if (p.has_load != table[i].load || p.has_file_load != table[i].file)
			fail_msg("row %zu: %d %d", i, p.has_load, p.has_file_load);
	}
	tree_done(&t);
}

/* A symbol on the border of two reads, and a line longer than one. */
static void long_kallsyms(void **state)
{
	(void)state;
	struct fake_root t;
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct host_policy p;

	tree_init(&t);
	for (unsigned i = 0; i < 200000; i++)
		assert_int_equal(buf_puts(&text, i == 50000 ? "\n" : "x"), 0);
	assert_int_equal(buf_puts(&text, "\n"), 0);
	while (text.len < 4 * 65536 - 20)
		assert_int_equal(buf_puts(&text, "0 t a\n"), 0);
	assert_int_equal(buf_puts(&text, "ffffffff81000000 T __x64_sys_kexec_load\n"
					 "ffffffff81000100 W __x64_sys_kexec_file_load\n"),
			 0);
	tree_put(&t, "proc/kallsyms", buf_str(&text));
	assert_int_equal(host_policy(t.dir, &p, &err), 0);
	assert_int_equal(p.has_load, HOST_YES);
	assert_int_equal(p.has_file_load, HOST_NO);
	buf_done(&text);
	tree_done(&t);
}

static void calls_by_the_config(void **state)
{
	(void)state;
	struct fake_root t;
	struct err err = ERR_INIT;
	struct host_policy p;

	tree_init(&t);
	tree_put(&t, "baton.json", "{\"schema\":1,\"release\":\"6.1.0-test\"}");
	tree_put(&t, "boot/config-6.1.0-test", "CONFIG_KEXEC_FILE=y\n# CONFIG_KEXEC is not set\n");
	assert_int_equal(host_policy(t.dir, &p, &err), 0);
	assert_int_equal(p.has_load, HOST_NO);
	assert_int_equal(p.has_file_load, HOST_YES);
	tree_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_known),     cmocka_unit_test(new_names_before_the_old),
		cmocka_unit_test(what_is_forbidden), cmocka_unit_test(calls_by_symbols),
		cmocka_unit_test(long_kallsyms),     cmocka_unit_test(calls_by_the_config),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
