/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The purgatory's console: a UART of the 8250 family at a port or in memory, polled. Registers:
 * National Semiconductor PC16550D data sheet, table II.
 */
#include <stdbool.h>
#include <stddef.h>

#include "arch/x86_64/mmio_map.h"
#include "arch/x86_64/port.h"
#include "purgatory/purgatory.h"

enum { THR = 0, DLL = 0, DLM = 1, LCR = 3, LSR = 5 };
enum { LCR_8N1 = 0x03, LCR_DLAB = 0x80, LSR_THRE = 0x20, LSR_TEMT = 0x40 };
/*
 * Reads of LSR before a UART counts as dead. A read takes about a microsecond on ISA and LPC; 16
 * bytes at 1200 baud take 133 ms.
 */
enum { PATIENCE = 1000000 };
enum { CLOCK_BAUD = 115200 }; /* 1.8432 MHz / 16 */

static struct {
	uint64_t base;
	uint32_t stride;
	bool there, mmio;
} uart;

static uint8_t get(unsigned reg)
{
	uint64_t at = uart.base + reg * uart.stride;

	if (!uart.mmio)
		return port_in((uint16_t)at);
	/* Where registers lie 4 bytes apart, the bus may know 32-bit accesses only. */
	if (uart.stride == 4)
		return (uint8_t) * (volatile uint32_t *)(uintptr_t)at;
	return *(volatile uint8_t *)(uintptr_t)at;
}

static void set(unsigned reg, uint8_t v)
{
	uint64_t at = uart.base + reg * uart.stride;

	if (!uart.mmio)
		port_out((uint16_t)at, v);
	else if (uart.stride == 4)
		*(volatile uint32_t *)(uintptr_t)at = v;
	else
		*(volatile uint8_t *)(uintptr_t)at = v;
}

static void set_baud(uint32_t baud)
{
	uint32_t divisor = baud < CLOCK_BAUD ? CLOCK_BAUD / baud : 1;

	if (divisor > 0xffff)
		divisor = 0xffff;
	set(LCR, LCR_8N1 | LCR_DLAB);
	set(DLL, (uint8_t)divisor);
	set(DLM, (uint8_t)(divisor >> 8));
	set(LCR, LCR_8N1);
}

/* False, and the UART is given up, when the bits of @want do not come. */
static bool wait_for(uint8_t want)
{
	for (unsigned i = 0; i < PATIENCE; i++)
		if ((get(LSR) & want) == want)
			return true;
	uart.there = false;
	return false;
}

void console_open(const struct handoff *h)
{
	uart.mmio = h->console == HANDOFF_CONSOLE_8250_MMIO;
	uart.stride = h->console_stride ? h->console_stride : 1;
	uart.base = h->console_addr;
	uart.there = uart.mmio ? mmio_reach(uart.base, uart.base + 7 * (uint64_t)uart.stride + 3)
			       : h->console == HANDOFF_CONSOLE_8250_PORT;
	if (!uart.there)
		return;
	/* The old kernel may have died between the two halves of setting a speed. */
	if (get(LCR) & LCR_DLAB)
		set(LCR, get(LCR) & (uint8_t)~LCR_DLAB);
	if (h->console_baud && wait_for(LSR_TEMT))
		set_baud(h->console_baud);
}

void console_put(char c)
{
	if (uart.there && wait_for(LSR_THRE))
		set(THR, (uint8_t)c);
}

void console_drain(void)
{
	if (uart.there)
		(void)wait_for(LSR_TEMT | LSR_THRE);
}
