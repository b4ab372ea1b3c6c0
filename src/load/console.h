/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the purgatory speaks: --purgatory-console, or a guess from the next kernel's command line.
 */
#pragma once
#include "load/load.h"

/*
 * Fill the console fields of @b's handoff from the request's purgatory_console and the next
 * kernel's command line. auto finds nothing: no console, no error. An explicit name that neither a
 * UART nor the CPU's firmware has: -ENODEV. Nonsense: -EINVAL.
 */
int console_choose(struct boot *b, struct err *err);
