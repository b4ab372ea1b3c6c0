/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A UART in memory, in this process's memory; ports are tried on QEMU (tests/purgatory). */
#include "core/unit.h"

#include <stdbool.h>
#include <string.h>

#include "arch/x86_64/mmio_map.h"
#include "purgatory/purgatory.h"

static uint32_t words[8];
static uint8_t bytes[8];
static bool reachable;
static uint64_t first, last;

bool mmio_reach(uint64_t from, uint64_t to)
{
	first = from;
	last = to;
	return reachable;
}

static struct handoff at(const void *where, uint32_t stride)
{
	return (struct handoff){.console = HANDOFF_CONSOLE_8250_MMIO,
				.console_addr = (uintptr_t)where,
				.console_stride = stride};
}

static int setup(void **state)
{
	(void)state;
	memset(words, 0, sizeof(words));
	memset(bytes, 0, sizeof(bytes));
	words[5] = bytes[5] = 0x60; /* LSR: THRE, TEMT */
	reachable = true;
	return 0;
}

static void sends_by_bytes_and_by_words(void **state)
{
	(void)state;
	struct handoff h = at(bytes, 0);

	console_open(&h);
	assert_true(first == h.console_addr && last >= first + 7);
	console_put('a');
	console_drain();
	assert_memory_equal(bytes, "a\0\0\0\0\x60\0\0", 8);
	h = at(words, 4);
	console_open(&h);
	words[0] = 0xffffffff;
	console_put('b');
	assert_int_equal(words[0], 'b');
	assert_int_equal(words[1], 0);
}

static void leaves_the_line_alone_but_for_a_forgotten_latch(void **state)
{
	(void)state;
	struct handoff h = at(bytes, 1);

	bytes[0] = 7, bytes[1] = 8, bytes[3] = 0x9b;
	console_open(&h);
	assert_memory_equal(bytes, "\7\10\0\x1b\0\x60\0\0", 8);
}

static void sets_the_speed_that_is_asked_for(void **state)
{
	(void)state;
	static const struct {
		uint32_t baud;
		uint8_t low, high;
	} rows[] = {{9600, 12, 0}, {115200, 1, 0}, {921600, 1, 0}, {50, 0, 9}, {1, 0xff, 0xff}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct handoff h = at(bytes, 1);

		h.console_baud = rows[i].baud;
		console_open(&h);
		assert_int_equal(bytes[0], rows[i].low);
		assert_int_equal(bytes[1], rows[i].high);
		assert_int_equal(bytes[3], 0x03);
	}
}

static void gives_up_a_dead_uart(void **state)
{
	(void)state;
	struct handoff h = at(bytes, 1);

	console_open(&h);
	bytes[5] = 0;
	console_put('a');
	bytes[5] = 0x60;
	console_put('b');
	console_drain();
	assert_int_equal(bytes[0], 0);
}

static void touches_nothing_without_a_console(void **state)
{
	(void)state;
	struct handoff h = at(bytes, 1);

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(sends_by_bytes_and_by_words, setup),
		cmocka_unit_test_setup(leaves_the_line_alone_but_for_a_forgotten_latch, setup),
		cmocka_unit_test_setup(sets_the_speed_that_is_asked_for, setup),
		cmocka_unit_test_setup(gives_up_a_dead_uart, setup),
		cmocka_unit_test_setup(touches_nothing_without_a_console, setup),
	};

	return cmocka_run_group_tests_name("uart", tests, NULL, NULL);
}
