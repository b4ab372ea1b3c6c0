/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a PC adds to purgatory/uart.c; its ports are tried on QEMU (tests/purgatory). */
#include "core/unit.h"

#include <stdbool.h>
#include <string.h>

#include "arch/x86_64/mmio_map.h"
#include "purgatory/purgatory.h"
#include "purgatory/uart.h"

static uint8_t bytes[8];
static bool reachable;
static uint64_t first, last;

bool mmio_reach(uint64_t from, uint64_t to)
{
	first = from;
	last = to;
	return reachable;
}

static struct handoff in_memory(void)
{
	return (struct handoff){.console = HANDOFF_CONSOLE_8250_MMIO,
				.console_addr = (uintptr_t)bytes,
				.console_stride = 1};
}

static int setup(void **state)
{
	(void)state;
	memset(bytes, 0, sizeof(bytes));
	bytes[5] = 0x60; /* LSR: THRE, TEMT */
	reachable = true;
	return 0;
}

/* Must be the first: nothing was open before. */
static void touches_nothing_without_a_console(void **state)
{
	(void)state;
	struct handoff h = in_memory();

	reachable = false;
	console_open(&h);
	console_put('a');
	reachable = true;
	h.console = HANDOFF_CONSOLE_PL011;
	console_open(&h);
	console_put('a');
	console_drain();
	assert_int_equal(bytes[0], 0);
}

static void maps_what_the_driver_may_touch(void **state)
{
	(void)state;
	struct handoff h = in_memory();

	console_open(&h);
	assert_true(first == h.console_addr && last == first + UART_REACH - 1);
	console_put('a');
	console_drain();
	assert_memory_equal(bytes, "a\0\0\0\0\x60\0\0", 8);
}

static void sets_the_speed_that_is_asked_for(void **state)
{
	(void)state;
	static const struct {
		uint32_t baud;
		uint8_t low, high;
	} rows[] = {{9600, 12, 0}, {115200, 1, 0}, {921600, 1, 0}, {50, 0, 9}, {1, 0xff, 0xff}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct handoff h = in_memory();

		h.console_baud = rows[i].baud;
		console_open(&h);
		assert_int_equal(bytes[0], rows[i].low);
		assert_int_equal(bytes[1], rows[i].high);
		assert_int_equal(bytes[3], 0x03);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(touches_nothing_without_a_console, setup),
		cmocka_unit_test_setup(maps_what_the_driver_may_touch, setup),
		cmocka_unit_test_setup(sets_the_speed_that_is_asked_for, setup),
	};

	return cmocka_run_group_tests_name("pc_uart", tests, NULL, NULL);
}
