/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A polled UART, for every purgatory whose console is one: the 8250 family, in memory or at ports,
 * and the PL011 (also its SBSA subset). A CPU's console_open, console_put and console_drain call
 * these. Freestanding; one UART.
 */
#pragma once
#include <stdbool.h>
#include "purgatory/handoff.h"

/* Bytes of device memory that the driver may touch from console_addr on; what an MMU must map. */
#define UART_REACH 4096u

/* How a CPU reaches its ports. */
struct uart_ports {
	uint8_t (*in)(uint16_t port);
	void (*out)(uint16_t port, uint8_t v);
};

/*
 * False, and later calls do nothing, when @h names no such UART or none this CPU can address.
 * @ports: NULL where the CPU has none. The speed of the line is left as it is.
 */
bool uart_open(const struct handoff *h, const struct uart_ports *ports);
/* An 8250's speed, 8N1: its clock, which nothing tells but on a PC, / 16 / @divisor. */
void uart_set_divisor(uint16_t divisor);
/* Send one byte; waits for room, but never for ever: a UART that stays busy is given up. */
void uart_put(char c);
/* Wait, but never for ever, until all is on the wire. */
void uart_drain(void);
