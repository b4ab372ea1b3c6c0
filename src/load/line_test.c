/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include "load/line.h"

struct row {
	bool reuse, crash;
	const char *running, *append, *want;
};

static const struct row rows[] = {
	{false, false, "x", "a=1  \"b c\"", "a=1  \"b c\""},
	{true, false, "BOOT_IMAGE=/boot/vmlinuz-6.1 root=/dev/vda1 crashkernel=256M quiet", NULL,
	 "root=/dev/vda1 crashkernel=256M quiet"},
	{true, true, "root=/dev/vda1 crashkernel=256M nocrashkernel=1 quiet", "irqpoll",
	 "root=/dev/vda1 nocrashkernel=1 quiet irqpoll"},
	{true, true, "nocrashkernel=1 crashkernel=256M crashkernel_x=1", NULL,
	 "nocrashkernel=1 crashkernel_x=1"},
	{true, false, "elfcorehdr=0x33000000 a nokaslr acpi_rsdp=0x1 b", "c", "a b c"},
	{true, false, "a -- elfcorehdr=1", "c", "a -- elfcorehdr=1 c"},
	{true, false, "", "c", "c"},
};

static void lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *t = &rows[i];
		struct machine m = MACHINE_INIT;
		struct plan p = PLAN_INIT;
		struct load_request req = {
			.reuse_cmdline = t->reuse, .crash = t->crash, .append = t->append};
		struct err err = ERR_INIT;

		assert_int_equal(buf_puts(&m.cmdline, t->running), 0);
		assert_int_equal(line_start(&m, &req, &p, &err), 0);
		assert_string_equal(buf_str(&p.cmdline), t->want);
		plan_done(&p);
		machine_done(&m);
	}
}

static void reuse_needs_a_line(void **state)
{
	(void)state;
	struct machine m = MACHINE_INIT;
	struct plan p = PLAN_INIT;
	struct load_request req = {.reuse_cmdline = true};
	struct err err = ERR_INIT;

	assert_int_equal(line_start(&m, &req, &p, &err), -ENODATA);
	plan_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lines),
					   cmocka_unit_test(reuse_needs_a_line)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
