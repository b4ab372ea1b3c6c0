/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text in the making whose first failure sticks, so that a rendering checks once, at its end. */
#pragma once
#include "core/escape.h"

struct say {
	struct buf text;
	int r; /* 0 or -ENOMEM */
};

#define SAY(s, ...) ((s)->r ? (void)0 : (void)((s)->r = buf_printf(&(s)->text, __VA_ARGS__)))

typedef int say_escape(struct span in, struct buf *out);

static inline void say_span(struct say *s, struct span in, say_escape *escape)
{
	if (!s->r)
		s->r = escape(in, &s->text);
}

static inline void say_str(struct say *s, const char *in, say_escape *escape)
{
	say_span(s, span_of(in, __builtin_strlen(in)), escape);
}

/* Hand over: append to @out all or nothing. Releases @s. */
static inline int say_done(struct say *s, struct buf *out)
{
	int r = s->r ? s->r : buf_add(out, s->text.ptr, s->text.len);

	buf_done(&s->text);
	return r;
}
