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
	{"ttyS1,19200", "", 0, HANDOFF_CONSOLE_8250_PORT, 19200, 0x2f8},
	{"ttyS1,fast", "", -EINVAL, 0, 0, 0},
	{"0x3f8 ,9600", "", -EINVAL, 0, 0, 0},
	{"0x3f8,", "", -EINVAL, 0, 0, 0},
	{"ttyS1,", "", -EINVAL, 0, 0, 0},
	{"auto", "earlycon=pl011,0x9000000", 0, HANDOFF_CONSOLE_PL011, 0, 0x9000000},
	{"auto", "earlycon=pl011,mmio32,0x9000000", 0, HANDOFF_CONSOLE_PL011, 0, 0x9000000, 4},
	{"auto", "earlycon=uart8250,0x9000000", 0, HANDOFF_CONSOLE_8250_PORT, 0, 0x2f8},
};

/* A CPU with a console of its own. */
static bool hypervisor(const struct boot *b, struct span name, struct handoff *h)
{
	(void)b;
	if (name.len && (name.len < 3 || memcmp(name.ptr, "hvc", 3)))
		return false;
	h->console = HANDOFF_CONSOLE_PAPR;
	h->console_addr = name.len;
	h->console_stride = 1;
	return true;
}

static void choices(void **state)
{
	(void)state;
	struct machine m;

	machine_with_ports(&m);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *t = &rows[i];
		const struct arch plain = {
			.name = "plain",
			.uart = t->kind == HANDOFF_CONSOLE_PL011 ? ARCH_UART_MEMORY : ARCH_UART_PC};
		struct plan p = PLAN_INIT;
		const struct load_request req = {.arch = &plain, .purgatory_console = t->spec};
		struct boot b = {.m = &m, .req = &req, .plan = &p};
		const struct handoff *h = &b.handoff;
		struct err err = ERR_INIT;

		print_message("%s | %s\n", t->spec ? t->spec : "(none)", t->line);
		assert_int_equal(buf_puts(&p.cmdline, t->line), 0);
		assert_int_equal(console_choose(&b, &err), t->r);
		if (!t->r) {
			assert_int_equal(h->console, t->kind);
			assert_int_equal(h->console_addr, t->addr);
			assert_int_equal(h->console_baud, t->baud);
			if (h->console != HANDOFF_CONSOLE_NONE)
				assert_int_equal(h->console_stride, t->stride ? t->stride : 1);
		} else {
			assert_non_null(strstr(err.text, t->spec));
		}
		plan_done(&p);
	}
	machine_done(&m);
}

/* What the CPU's purgatory cannot do is refused where it was asked for, and passed over in auto. */
static void what_a_cpu_cannot_do(void **state)
{
	(void)state;
	static const struct {
		enum arch_uart uart;
		const char *spec, *line;
		int r;
		uint32_t kind;
	} cases[] = {
		{ARCH_UART_MEMORY, "0xfe001000,115200", "", -EINVAL, 0},
		{ARCH_UART_MEMORY, "0xfe001000,0", "", 0, HANDOFF_CONSOLE_8250_MMIO},
		{ARCH_UART_MEMORY, "0x3f8", "", -EINVAL, 0},
		{ARCH_UART_MEMORY, "ttyS4,9600", "", -EINVAL, 0},
		{ARCH_UART_NONE, "0xfe001000", "", -EINVAL, 0},
		{ARCH_UART_NONE, "ttyS0", "", -EINVAL, 0},
		{ARCH_UART_NONE, "hvc0", "", 0, HANDOFF_CONSOLE_PAPR},
		{ARCH_UART_PC, "hvc0,9600", "", -EINVAL, 0},
		{ARCH_UART_NONE, "auto", "console=ttyS0", 0, HANDOFF_CONSOLE_PAPR},
		{ARCH_UART_PC, "auto", "earlycon=pl011,0x9000000", 0, HANDOFF_CONSOLE_PAPR},
	};
	struct machine m;

	machine_with_ports(&m);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct arch arch = {
			.name = "some", .uart = cases[i].uart, .console = hypervisor};
		const struct load_request req = {.arch = &arch, .purgatory_console = cases[i].spec};
		struct plan p = PLAN_INIT;
		struct boot b = {.m = &m, .req = &req, .plan = &p};
		struct err err = ERR_INIT;

		assert_int_equal(buf_puts(&p.cmdline, cases[i].line), 0);
		assert_int_equal(console_choose(&b, &err), cases[i].r);
		if (cases[i].r)
			assert_non_null(strstr(err.text, cases[i].spec));
		else
			assert_int_equal(b.handoff.console, cases[i].kind);
		plan_done(&p);
	}
	machine_done(&m);
}

struct firmware_row {
	const char *spec, *line;
	uint32_t kind;
	uint64_t addr;
};

/* The last console= wins, whoever has it; without any the UART in use goes before the firmware. */
static void of_the_firmware(void **state)
{
	(void)state;
	static const struct firmware_row firm[] = {
		{NULL, "console=ttyS0 console=hvc10", HANDOFF_CONSOLE_PAPR, 5},
		{NULL, "console=hvc0 console=ttyS0", HANDOFF_CONSOLE_8250_PORT, 0x3f8},
		{NULL, "console=tty0 earlycon=hvc", HANDOFF_CONSOLE_PAPR, 3},
		{NULL, "quiet", HANDOFF_CONSOLE_8250_PORT, 0x2f8},
		{"hvc0", "console=ttyS0", HANDOFF_CONSOLE_PAPR, 4},
	};
	const struct arch papr = {.name = "papr", .console = hypervisor, .uart = ARCH_UART_PC};
	struct machine m, none = MACHINE_INIT;
	struct plan p = PLAN_INIT;
	struct err err = ERR_INIT;

	machine_with_ports(&m);
	for (size_t i = 0; i < sizeof(firm) / sizeof(*firm); i++) {
		const struct load_request req = {.arch = &papr, .purgatory_console = firm[i].spec};
		struct boot b = {.m = &m, .req = &req, .plan = &p};

		buf_done(&p.cmdline);
		assert_int_equal(buf_puts(&p.cmdline, firm[i].line), 0);
		assert_int_equal(console_choose(&b, &err), 0);
		assert_int_equal(b.handoff.console, firm[i].kind);
		assert_int_equal(b.handoff.console_addr, firm[i].addr);
	}
	const struct load_request req = {.arch = &papr};
	struct boot b = {.m = &none, .req = &req, .plan = &p};

	buf_done(&p.cmdline);
	assert_int_equal(console_choose(&b, &err), 0);
	assert_int_equal(b.handoff.console, HANDOFF_CONSOLE_PAPR);
	assert_int_equal(b.handoff.console_addr, 0);
	plan_done(&p);
	machine_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choices),
		cmocka_unit_test(what_a_cpu_cannot_do),
		cmocka_unit_test(of_the_firmware),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
