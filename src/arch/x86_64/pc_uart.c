/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The purgatory's console on a PC: a UART of the 8250 family at a port or in memory. */
#include "purgatory/uart.h"

#include "arch/x86_64/mmio_map.h"
#include "arch/x86_64/port.h"
#include "purgatory/purgatory.h"

static uint16_t divisor_for(uint32_t baud)
{
	enum { CLOCK_BAUD = 115200 }; /* 1.8432 MHz / 16 */
	uint32_t divisor = baud < CLOCK_BAUD ? CLOCK_BAUD / baud : 1;

	return divisor > UINT16_MAX ? UINT16_MAX : (uint16_t)divisor;
}

static bool reachable(const struct handoff *h)
{
	if (h->console == HANDOFF_CONSOLE_8250_MMIO)
		return mmio_reach(h->console_addr, h->console_addr + UART_REACH - 1);
	return h->console == HANDOFF_CONSOLE_8250_PORT;
}

void console_open(const struct handoff *h)
{
	static const struct uart_ports ports = {port_in, port_out};

	if (reachable(h) && uart_open(h, &ports) && h->console_baud)
		uart_set_divisor(divisor_for(h->console_baud));
}

void console_put(char c)
{
	uart_put(c);
}

void console_drain(void)
{
	uart_drain();
}
