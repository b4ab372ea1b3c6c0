/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/ckd.h"

void buf_done(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf)BUF_INIT;
}

int buf_reserve(struct buf *b, size_t more)
{
	size_t need, cap;

	if (ckd_add(&need, b->len, more) || ckd_add(&need, need, 1))
		return -ENOMEM;
	if (need <= b->cap)
		return 0;
	/* A first reservation is taken literally: large files must not cost more than their size.
	 */
	cap = b->cap ? b->cap + b->cap / 2 : need;
	if (cap < need)
		cap = need;
	uint8_t *p = realloc(b->ptr, cap);
	if (!p)
		return -ENOMEM;
	p[b->len] = 0;
	b->ptr = p;
	b->cap = cap;
	return 0;
}

void buf_use_huge_pages(struct buf *b)
{
	const uintptr_t huge = (uintptr_t)2 << 20;
	uintptr_t from = ((uintptr_t)b->ptr + b->len + huge - 1) & ~(huge - 1);
	uintptr_t to = ((uintptr_t)b->ptr + b->cap) & ~(huge - 1);

	if (from < to)
		(void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

int buf_add(struct buf *b, const void *data, size_t len)
{
	if (buf_reserve(b, len) < 0)
		return -ENOMEM;
	if (len)
		memcpy(b->ptr + b->len, data, len);
	b->len += len;
	b->ptr[b->len] = 0;
	return 0;
}

int buf_zero(struct buf *b, size_t len)
{
	if (buf_reserve(b, len) < 0)
		return -ENOMEM;
	memset(b->ptr + b->len, 0, len + 1);
	b->len += len;
	return 0;
}

int buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || buf_reserve(b, (size_t)n) < 0)
		return -ENOMEM;
	va_start(ap, fmt);
	vsnprintf((char *)b->ptr + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}
