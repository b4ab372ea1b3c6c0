/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serial ports as the kernel lists them. Sources of Linux 6.1: fs/proc/consoles.c,
 * drivers/tty/serial/serial_core.c.
 */
#pragma once
#include "machine/machine.h"
#include "machine/text.h"

#define SERIAL_IO_PORT 0 /* UPIO_PORT of include/uapi/linux/serial_core.h */

/* True if /proc/consoles lists @tty as enabled ("ttyS0 -W- (EC p a) 4:64": the E). */
bool serial_is_console(struct span consoles, const char *tty);

/*
 * Fill port, mmio and stride. False: there is no UART, or one that is reached in a way that we do
 * not know.
 */
bool serial_place(struct serial_port *s, uint64_t io_type, uint64_t port, uint64_t mmio,
		  uint64_t reg_shift);
