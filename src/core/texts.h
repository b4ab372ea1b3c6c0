/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing list of texts that it owns: warnings, problems, added parameters. Zero-initialised. */
#pragma once
#include <stdarg.h>
#include "core/vec.h"

struct texts VEC_BODY(char *);

/* Append one text. 0 | -ENOMEM, nothing changed. */
int texts_add(struct texts *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int texts_addv(struct texts *t, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
void texts_done(struct texts *t);
