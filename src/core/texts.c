/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/texts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int texts_addv(struct texts *t, const char *fmt, va_list ap)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		return -ENOMEM;
	if (vec_push(t, text) < 0) {
		free(text);
		return -ENOMEM;
	}
	return 0;
}

int texts_add(struct texts *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int r = texts_addv(t, fmt, ap);
	va_end(ap);
	return r;
}

void texts_done(struct texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i]);
	vec_done(t);
}
