/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers: National Semiconductor PC16550D data sheet, table II; ARM PrimeCell UART (PL011)
 * technical reference manual (DDI 0183), 3.3. The SBSA UART (Arm SBSA 7.0, appendix B) has of the
 * latter only what is used here.
 */
#include "purgatory/uart.h"

#include <stddef.h>

enum { THR = 0, DLL = 0, DLM = 1, LCR = 3, LSR = 5 };
enum { LCR_8N1 = 0x03, LCR_DLAB = 0x80, LSR_THRE = 0x20, LSR_TEMT = 0x40 };
enum { DR = 0x00, FR = 0x18 };
enum { FR_BUSY = 1u << 3, FR_TXFF = 1u << 5 };
/*
 * Reads of the status before a UART counts as dead. A read takes 0.1 to 1 microseconds, a port of
 * ISA or LPC the longer time; 32 bytes at 1200 baud take 267 ms.
 */
enum { PATIENCE = 3000000 };

static struct {
	uintptr_t base;
	uint32_t stride;
	const struct uart_ports *ports; /* NULL: in memory */
	bool there, pl011;
} uart;

/* Where registers lie 4 bytes apart, the bus may know 32-bit accesses only; the PL011's does. */
static uint32_t get(uint32_t off)
{
	if (uart.ports)
		return uart.ports->in((uint16_t)(uart.base + off));
	if (uart.stride == 4)
		return *(volatile uint32_t *)(uart.base + off);
	return *(volatile uint8_t *)(uart.base + off);
}

static void set(uint32_t off, uint8_t v)
{
	if (uart.ports)
		uart.ports->out((uint16_t)(uart.base + off), v);
	else if (uart.stride == 4)
		*(volatile uint32_t *)(uart.base + off) = v;
	else
		*(volatile uint8_t *)(uart.base + off) = v;
}

/* False, and the UART is given up, when the bits of @mask do not become @want. */
static bool wait_for(uint32_t off, uint32_t mask, uint32_t want)
{
	for (uint32_t i = 0; i < PATIENCE; i++)
		if ((get(off) & mask) == want)
			return true;
	uart.there = false;
	return false;
}

bool uart_open(const struct handoff *h, const struct uart_ports *ports)
{
	uint64_t last = h->console_addr + UART_REACH - 1;

	uart.pl011 = h->console == HANDOFF_CONSOLE_PL011;
	uart.ports = h->console == HANDOFF_CONSOLE_8250_PORT ? ports : NULL;
	bool known = uart.pl011 || uart.ports || h->console == HANDOFF_CONSOLE_8250_MMIO;
	uart.stride = uart.pl011 ? 4 : h->console_stride ? h->console_stride : 1;
	uart.there = known && last >= h->console_addr && last <= UINTPTR_MAX &&
		     uart.stride <= UART_REACH / 8;
	if (!uart.there)
		return false;
	uart.base = (uintptr_t)h->console_addr;
	/* The old kernel may have died between the two halves of setting a speed. */
	if (!uart.pl011) {
		uint8_t lcr = (uint8_t)get(LCR * uart.stride);

		if (lcr & LCR_DLAB)
			set(LCR * uart.stride, lcr & (uint8_t)~LCR_DLAB);
	}
	return true;
}

void uart_set_divisor(uint16_t divisor)
{
	const uint32_t stride = uart.stride;

	if (!uart.there || uart.pl011 || !wait_for(LSR * stride, LSR_TEMT, LSR_TEMT))
		return;
	set(LCR * stride, LCR_8N1 | LCR_DLAB);
	set(DLL * stride, (uint8_t)divisor);
	set(DLM * stride, (uint8_t)(divisor >> 8));
	set(LCR * stride, LCR_8N1);
}

void uart_put(char c)
{
	if (!uart.there)
		return;
	if (uart.pl011 ? wait_for(FR, FR_TXFF, 0) : wait_for(LSR * uart.stride, LSR_THRE, LSR_THRE))
		set(uart.pl011 ? DR : THR, (uint8_t)c);
}

void uart_drain(void)
{
	const uint32_t done = LSR_THRE | LSR_TEMT;

	if (!uart.there)
		return;
	if (uart.pl011)
		(void)wait_for(FR, FR_BUSY, 0);
	else
		(void)wait_for(LSR * uart.stride, done, done);
}
