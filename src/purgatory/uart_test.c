/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UARTs in this process's memory: what is written where, and when nothing is. */
#include "core/unit.h"

#include <string.h>

#include "purgatory/uart.h"

/* A UART is as large as what the driver may touch. */
static union {
	uint8_t bytes[UART_REACH];
	uint32_t words[UART_REACH / 4];
} io;

enum { FR = 0x18 / 4, BUSY = 1 << 3, FULL = 1 << 5 };

static int setup(void **state)
{
	(void)state;
	memset(&io, 0, sizeof(io));
	return 0;
}

static struct handoff uart(enum handoff_console kind, uint32_t stride)
{
	return (struct handoff){
		.console = kind, .console_addr = (uintptr_t)&io, .console_stride = stride};
}

static void an_8250_by_bytes(void **state)
{
	(void)state;
	struct handoff h = uart(HANDOFF_CONSOLE_8250_MMIO, 0);

	io.bytes[5] = 0x60;
	assert_true(uart_open(&h, NULL));
	uart_put('a');
	uart_drain();
	assert_memory_equal(io.bytes, "a\0\0\0\0\x60\0\0", 8);
}

static void an_8250_by_words_and_apart(void **state)
{
	(void)state;
	struct handoff h = uart(HANDOFF_CONSOLE_8250_MMIO, 4);

	io.words[5] = 0x60;
	io.words[0] = 0xffffffff;
	assert_true(uart_open(&h, NULL));
	uart_put('b');
	assert_int_equal(io.words[0], 'b');
	assert_int_equal(io.words[1], 0);

	h = uart(HANDOFF_CONSOLE_8250_MMIO, 2);
	setup(NULL);
	io.bytes[10] = 0x60;
	assert_true(uart_open(&h, NULL));
	uart_put('c');
	assert_memory_equal(io.bytes, "c\0\0\0\0\0\0\0\0\0\x60\0", 12);
}

static uint8_t port_in(uint16_t port)
{
	return io.bytes[port];
}

static void port_out(uint16_t port, uint8_t v)
{
	io.bytes[port] = v;
}

static void an_8250_at_ports(void **state)
{
	(void)state;
	const struct uart_ports ports = {port_in, port_out};
	struct handoff h = uart(HANDOFF_CONSOLE_8250_PORT, 1);

	h.console_addr = 0x3f8;
	io.bytes[0x3fd] = 0x60;
	assert_true(uart_open(&h, &ports));
	uart_put('a');
	uart_drain();
	assert_memory_equal(io.bytes + 0x3f8, "a\0\0\0\0\x60\0\0", 8);
}

/* Between two bytes: the speed is the line's, too. */
static void a_speed_is_set_on_an_idle_line(void **state)
{
	(void)state;
	struct handoff h = uart(HANDOFF_CONSOLE_8250_MMIO, 1);

	io.bytes[5] = 0x60;
	assert_true(uart_open(&h, NULL));
	uart_set_divisor(0x1234);
	assert_memory_equal(io.bytes, "\x34\x12\0\3\0\x60\0\0", 8);
	io.bytes[5] = 0x20;
	uart_set_divisor(1);
	assert_memory_equal(io.bytes, "\x34\x12\0\3\0\x20\0\0", 8);
}

static void a_forgotten_latch_is_closed(void **state)
{
	(void)state;
	struct handoff h = uart(HANDOFF_CONSOLE_8250_MMIO, 1);

	io.bytes[0] = 7, io.bytes[1] = 8, io.bytes[3] = 0x9b;
	assert_true(uart_open(&h, NULL));
	assert_memory_equal(io.bytes, "\7\10\0\x1b\0\0\0\0", 8);
}

static void a_pl011_by_words(void **state)
{
	(void)state;
	struct handoff h = uart(HANDOFF_CONSOLE_PL011, 1);

	io.words[FR] = BUSY;
	assert_true(uart_open(&h, NULL));
	io.words[0] = 0xffffffff;
	uart_put('d');
	assert_int_equal(io.words[0], 'd');
	/* Nothing else of it is touched. */
	io.words[0] = 0;
	io.words[FR] = 0;
	for (size_t i = 0; i < sizeof(io); i++)
		assert_int_equal(io.bytes[i], 0);
}

static void a_dead_one_is_given_up(void **state)
{
	(void)state;
	static const struct {
		enum handoff_console kind;
		size_t word;
		uint32_t dead, alive;
	} rows[] = {
		{HANDOFF_CONSOLE_8250_MMIO, 5, 0, 0x60},
		{HANDOFF_CONSOLE_8250_MMIO, 5, 0x40, 0x60},
		{HANDOFF_CONSOLE_PL011, FR, FULL, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct handoff h = uart(rows[i].kind, 4);

		setup(NULL);
		io.words[rows[i].word] = rows[i].dead;
		assert_true(uart_open(&h, NULL));
		uart_put('e');
		io.words[rows[i].word] = rows[i].alive;
		uart_put('f');
		assert_int_equal(io.words[0], 0);
	}
}

/* The end of a drain is the line's, not only the holding register's. */
static void a_drain_waits_for_the_line(void **state)
{
	(void)state;
	struct handoff h = uart(HANDOFF_CONSOLE_8250_MMIO, 4);

	io.words[5] = 0x20;
	assert_true(uart_open(&h, NULL));
	uart_drain();
	io.words[5] = 0x60;
	uart_put('g');
	assert_int_equal(io.words[0], 0);

	h = uart(HANDOFF_CONSOLE_PL011, 0);
	setup(NULL);
	io.words[FR] = BUSY;
	assert_true(uart_open(&h, NULL));
	uart_drain();
	io.words[FR] = 0;
	uart_put('g');
	assert_int_equal(io.words[0], 0);
}

static void what_cannot_be_reached_is_left_alone(void **state)
{
	(void)state;
	struct handoff h = uart(HANDOFF_CONSOLE_8250_PORT, 1);

	io.bytes[5] = 0x60;
	assert_false(uart_open(&h, NULL));
	h = uart(HANDOFF_CONSOLE_NONE, 1);
	assert_false(uart_open(&h, NULL));
	h = uart(HANDOFF_CONSOLE_8250_MMIO, UART_REACH);
	assert_false(uart_open(&h, NULL));
	h = uart(HANDOFF_CONSOLE_8250_MMIO, 1);
	h.console_addr = UINT64_MAX - 8;
	assert_false(uart_open(&h, NULL));
	if (sizeof(uintptr_t) == 4) {
		h.console_addr = (uintptr_t)&io + (UINT64_C(1) << 32);
		assert_false(uart_open(&h, NULL));
	}
	uart_put('h');
	uart_drain();
	assert_int_equal(io.bytes[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_8250_by_bytes, setup),
		cmocka_unit_test_setup(an_8250_by_words_and_apart, setup),
		cmocka_unit_test_setup(an_8250_at_ports, setup),
		cmocka_unit_test_setup(a_speed_is_set_on_an_idle_line, setup),
		cmocka_unit_test_setup(a_forgotten_latch_is_closed, setup),
		cmocka_unit_test_setup(a_pl011_by_words, setup),
		cmocka_unit_test_setup(a_dead_one_is_given_up, setup),
		cmocka_unit_test_setup(a_drain_waits_for_the_line, setup),
		cmocka_unit_test_setup(what_cannot_be_reached_is_left_alone, setup),
	};

	return cmocka_run_group_tests_name("uart", tests, NULL, NULL);
}
