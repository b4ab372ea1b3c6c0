/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The serial port that a device tree names as the machine's console. For machines whose
 * /sys/class/tty does not say where their port is. Devicetree Specification 0.4, 2.3.8 (ranges) and
 * 3.6 (/chosen); bindings serial/8250.yaml, serial/pl011.yaml of Linux.
 */
#pragma once
#include "fdt/tree.h"
#include "machine/machine.h"

/*
 * stdout-path of /chosen, a path or an alias: a PL011 is ttyAMA, one of the 8250 family in memory
 * ttyS; the number behind is that of its alias serialN, else 0. @out->console is false. 1: found |
 * 0: there is none, or of another kind, or not in memory that CPUs reach | -EBADMSG | -ENOMEM.
 */
int dt_serial_parse(const struct tree *t, struct serial_port *out, struct err *err);
