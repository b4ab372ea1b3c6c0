/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The next kernel's command line: reused and appended text, and our own parameters. */
#pragma once
#include "load/load.h"

/*
 * Write the user's text to @p->cmdline: the running kernel's line less what must not be inherited,
 * or, without --reuse-cmdline, that of the kernel's container; then --append, byte for byte
 * (interface.md §4). 0 | -ENODATA the running line is unknown |
 * -ENOMEM.
 */
int line_start(const struct machine *m, const struct load_request *req, struct plan *p,
	       struct err *err);

/*
 * Append the line that a container holds as a kernel takes it. systemd-stub's rule for .cmdline:
 * what is no printable character is a blank, and none is at an end. A NUL ends it, as in every
 * other container. 0 | -ENOMEM
 */
int line_clean(struct span own, struct buf *line);
