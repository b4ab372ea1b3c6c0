/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/escape.h"

unsigned escape_utf8_len(struct span s)
{
	uint8_t a = s.len ? s.ptr[0] : 0xff;
	/* The bounds of the second byte rule out overlong forms, surrogates and all above U+10FFFF.
	 */
	uint8_t low = a == 0xe0 ? 0xa0 : a == 0xf0 ? 0x90 : 0x80;
	uint8_t high = a == 0xed ? 0x9f : a == 0xf4 ? 0x8f : 0xbf;
	unsigned n = a < 0x80 ? 1 : a < 0xc2 ? 0 : a < 0xe0 ? 2 : a < 0xf0 ? 3 : a < 0xf5 ? 4 : 0;

	if (n > s.len || (n > 1 && (s.ptr[1] < low || s.ptr[1] > high)))
		return 0;
	for (unsigned i = 2; i < n; i++)
		if ((s.ptr[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static int hex(struct span s, struct buf *out)
{
	int r = 0;

	for (size_t i = 0; i < s.len && !r; i++)
		r = buf_printf(out, "\\x%02x", s.ptr[i]);
	return r;
}

typedef int escape_fn(struct span one, struct buf *out);

/* @sound gets one character of sound UTF-8 at a time. */
static int each(struct span s, escape_fn *sound, struct buf *out)
{
	int r = 0;

	for (size_t i = 0; i < s.len && !r;) {
		unsigned n = escape_utf8_len(span_from(s, i));

		r = n ? sound(span_sub(s, i, n), out) : hex(span_sub(s, i, 1), out);
		i += n ? n : 1;
	}
	return r;
}

static int keep(struct span one, struct buf *out)
{
	return buf_add(out, one.ptr, one.len);
}

static int keep_printable(struct span one, struct buf *out)
{
	bool c0 = one.ptr[0] < 0x20 || one.ptr[0] == 0x7f;
	bool c1 = one.len == 2 && one.ptr[0] == 0xc2 && one.ptr[1] < 0xa0;

	return c0 || c1 ? hex(one, out) : keep(one, out);
}

static int keep_xml(struct span one, struct buf *out)
{
	/* U+FFFE and U+FFFF are no XML characters. */
	bool none = one.len == 3 && one.ptr[0] == 0xef && one.ptr[1] == 0xbf && one.ptr[2] >= 0xbe;

	switch (one.ptr[0]) {
	case '<':
		return buf_puts(out, "&lt;");
	case '>':
		return buf_puts(out, "&gt;");
	case '&':
		return buf_puts(out, "&amp;");
	case '"':
		return buf_puts(out, "&quot;");
	case '\'':
		return buf_puts(out, "&#39;");
	}
	return none ? hex(one, out) : keep_printable(one, out);
}

int escape_utf8(struct span s, struct buf *out)
{
	return each(s, keep, out);
}

int escape_terminal(struct span s, struct buf *out)
{
	return each(s, keep_printable, out);
}

int escape_xml(struct span s, struct buf *out)
{
	return each(s, keep_xml, out);
}
