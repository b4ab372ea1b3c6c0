/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel command lines: words, quotes, and the standalone "--" behind which the kernel does not look. kernel/params.c of Linux 6.1. */
#pragma once
#include "core/buf.h"
#include "core/err.h"

/*
 * The value of the last parameter @name before "--" ("console" -> "ttyS0,115200"), or an empty span with NULL ptr. A parameter without "=" gives
 * an empty span with a ptr. Quotes as the kernel's next_arg() reads them.
 */
struct span cmdline_get(struct span line, const char *name);

/* Same, the n-th occurrence from the start. */
struct span cmdline_get_nth(struct span line, const char *name, unsigned n);

/* @out = @line without every parameter whose name is in the NULL-terminated list @names; other bytes unchanged but for the separating blanks. */
int cmdline_strip(struct span line, const char *const *names, struct buf *out);

/* Insert "word" before the first standalone "--" of @line (at the end if there is none). */
int cmdline_insert(struct buf *line, const char *word);
