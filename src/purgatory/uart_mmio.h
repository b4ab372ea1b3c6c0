/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A polled UART in memory, for every purgatory whose console is one: the 8250 family and the PL011
 * (also its SBSA subset). A CPU's console_open, console_put and console_drain call these. The speed
 * of the line is left as it is: nothing tells the UART's clock, so the loader refuses to set one.
 * Freestanding; one UART.
 */
#pragma once
#include <stdbool.h>
#include "purgatory/handoff.h"

/* Bytes of device memory that the driver may touch from console_addr on; what an MMU must map. */
#define UART_MMIO_REACH 4096u

/* False, and later calls do nothing, when @h names no such UART or none this CPU can address. */
bool uart_mmio_open(const struct handoff *h);
/* Send one byte; waits for room, but never for ever: a UART that stays busy is given up. */
void uart_mmio_put(char c);
/* Wait, but never for ever, until all is on the wire. */
void uart_mmio_drain(void);
