/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdbool.h>
#include "base/span.h"

/*
 * Owned, growing bytes. Start from BUF_INIT; buf_done releases. A failed append leaves the content
 * as it was and returns -ENOMEM. One NUL always follows the content once anything was allocated, so
 * text can be read as a C string through buf_str().
 */
struct buf {
	uint8_t *ptr;
	size_t len, cap;
};

#define BUF_INIT                                                                                   \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

void buf_done(struct buf *b);
int buf_reserve(struct buf *b, size_t more);
/*
 * Advice about the room that is reserved: a kernel and an initrd are thousands of small pages to
 * fault in, one by one; whole huge pages make it a few. Where it is refused nothing else changes.
 */
void buf_use_huge_pages(struct buf *b);
int buf_add(struct buf *b, const void *data, size_t len);
int buf_zero(struct buf *b, size_t len); /* append zero bytes */
int buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline int buf_puts(struct buf *b, const char *s)
{
	return buf_add(b, s, __builtin_strlen(s));
}

static inline struct span buf_span(const struct buf *b)
{
	return (struct span){b->ptr, b->len};
}

static inline const char *buf_str(const struct buf *b)
{
	return b->ptr ? (const char *)b->ptr : "";
}

/* Take the content away; @b is empty afterwards. */
static inline struct buf buf_take(struct buf *b)
{
	struct buf out = *b;

	*b = (struct buf)BUF_INIT;
	return out;
}
