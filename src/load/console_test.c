/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "load/console.h"

static void machine_with_ports(struct machine *m)
{
	const struct serial_port com1 = {.name = "ttyS0", .port = 0x3f8};
	const struct serial_port com2 = {.name = "ttyS1", .port = 0x2f8, .console = true};
	const struct serial_port pci = {.name = "ttyS4", .mmio = 0xfe001000, .stride = 4};
	const struct serial_port high = {.name = "ttyS5", .mmio = 0x38fffe001000};

	*m = (struct machine)MACHINE_INIT;
	assert_int_equal(vec_push(&m->serials, com1), 0);
	assert_int_equal(vec_push(&m->serials, com2), 0);
	assert_int_equal(vec_push(&m->serials, pci), 0);
	assert_int_equal(vec_push(&m->serials, high), 0);
}

struct row {
	const char *spec, *line;
	int r;
	uint32_t kind, baud;
	uint64_t addr;
	uint32_t stride; /* 0: 1 */
};

static const struct row rows[] = {
	{NULL, "console=tty0 console=ttyS0,115200 quiet", 0, HANDOFF_CONSOLE_8250_PORT, 0, 0x3f8},
	{"auto", "console=ttyS0 console=ttyS4", 0, HANDOFF_CONSOLE_8250_MMIO, 0, 0xfe001000, 4},
	{"auto", "console=ttyS4 console=tty0", 0, HANDOFF_CONSOLE_8250_MMIO, 0, 0xfe001000, 4},
	{"auto", "earlycon=uart8250,io,0x3e8", 0, HANDOFF_CONSOLE_8250_PORT, 0, 0x3e8},
	{"auto", "earlycon=uart8250,mmio32,0xfedc0000,115200n8", 0, HANDOFF_CONSOLE_8250_MMIO, 0,
	 0xfedc0000, 4},
	{"auto", "quiet", 0, HANDOFF_CONSOLE_8250_PORT, 0,
	 0x2f8}, /* the active one of /proc/consoles */
	{"none", "console=ttyS0", 0, HANDOFF_CONSOLE_NONE, 0, 0},
	{"auto", "console=ttyS5", 0, HANDOFF_CONSOLE_8250_MMIO, 0, 0x38fffe001000},
	{"ttyS1", "console=ttyS0", 0, HANDOFF_CONSOLE_8250_PORT, 0, 0x2f8},
	{"0x2e8,9600", "", 0, HANDOFF_CONSOLE_8250_PORT, 9600, 0x2e8},
	{"0xfe001000", "", 0, HANDOFF_CONSOLE_8250_MMIO, 0, 0xfe001000},
	{"ttyS9", "", -ENODEV, 0, 0, 0},
	{"0x", "", -EINVAL, 0, 0, 0},
	{"0x3f8,fast", "", -EINVAL, 0, 0, 0},
	{"0x3f8,", "", 0, HANDOFF_CONSOLE_8250_PORT, 0, 0x3f8},
};

static void choices(void **state)
{
	(void)state;
	struct machine m;

	machine_with_ports(&m);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *t = &rows[i];
		struct plan p = PLAN_INIT;
		struct handoff h = {0};
		struct err err = ERR_INIT;

		print_message("%s | %s\n", t->spec ? t->spec : "(none)", t->line);
		assert_int_equal(buf_puts(&p.cmdline, t->line), 0);
		assert_int_equal(console_choose(&m, t->spec, &p, &h, &err), t->r);
		if (!t->r) {
			assert_int_equal(h.console, t->kind);
			assert_int_equal(h.console_addr, t->addr);
			assert_int_equal(h.console_baud, t->baud);
			if (h.console != HANDOFF_CONSOLE_NONE)
				assert_int_equal(h.console_stride, t->stride ? t->stride : 1);
		} else {
			assert_non_null(strstr(err.text, t->spec));
		}
		plan_done(&p);
	}
	machine_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(choices)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
