/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel command lines: words, quotes, and the standalone "--" behind which the kernel does not
 * look. Sources of Linux 6.1: kernel/params.c parse_args() and parameq(), lib/cmdline.c next_arg(),
 * lib/ctype.c. "-" and "_" are the same in a name, and the byte 0xa0 is a blank.
 */
#pragma once
#include "core/buf.h"
#include "core/err.h"

/*
 * The value of the last parameter @name before "--" ("console" -> "ttyS0,115200"), or an empty span
 * with NULL ptr. A parameter without "=" gives an empty span with a ptr. Quotes as the kernel's
 * next_arg() reads them. Borrows @line.
 */
struct span cmdline_get(struct span line, const char *name);

/* Same, the n-th occurrence from the start; 0 is the first. */
struct span cmdline_get_nth(struct span line, const char *name, unsigned n);

/* True when a standalone "--" ends the kernel's part of @line: what follows is for init. */
bool cmdline_has_end(struct span line);

/*
 * @out (empty) = @line without every parameter before "--" whose name is in the NULL-terminated
 * list @names; other bytes unchanged but for the separating blanks. 0 | -ENOMEM.
 */
int cmdline_strip(struct span line, const char *const *names, struct buf *out);

/*
 * Insert "word" before the first standalone "--" of @line (at the end if there is none). A last
 * word whose quote is never closed would swallow what follows: then before that one. 0 | -ENOMEM.
 */
int cmdline_insert(struct buf *line, const char *word);
