/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The console of a CPU that knows no other than a UART in memory. */
#include "purgatory/purgatory.h"
#include "purgatory/uart.h"

void console_open(const struct handoff *h)
{
	(void)uart_open(h, NULL);
}

void console_put(char c)
{
	uart_put(c);
}

void console_drain(void)
{
	uart_drain();
}
