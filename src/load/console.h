/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the purgatory speaks: --purgatory-console, or a guess from the next kernel's command line.
 */
#pragma once
#include "load/load.h"

/*
 * Fill the console fields of @h from @spec (NULL = auto; interface.md §4) and the next kernel's
 * command line in @p. auto finds nothing: no console, no error. An explicit name that no UART has:
 * -ENODEV. Nonsense: -EINVAL.
 */
int console_choose(const struct machine *m, const char *spec, const struct plan *p,
		   struct handoff *h, struct err *err);
