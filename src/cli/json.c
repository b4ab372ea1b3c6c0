/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/json.h"

#include <inttypes.h>
#include <string.h>

static void raw(struct json *j, const char *text)
{
	j->bad |= buf_puts(&j->b, text) < 0;
}

static void begin(struct json *j, const char *key)
{
	if (j->comma)
		raw(j, ",");
	j->comma = true;
	if (key)
		j->bad |= buf_printf(&j->b, "\"%s\":", key) < 0;
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	j->bad |= buf_add(&j->b, &bracket, 1) < 0;
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	j->bad |= buf_add(&j->b, &bracket, 1) < 0;
	j->comma = true;
}

/* Bytes of the well-formed UTF-8 sequence at @p, 0 if there is none (RFC 3629). */
static size_t utf8_len(const uint8_t *p, size_t len)
{

	size_t n = p[0] < 0x80   ? 1
		   : p[0] < 0xc2 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
		   : p[0] < 0xf5 ? 4
				 : 0;

	if (!n || n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, and what lies behind U+10FFFF. */
	if ((n == 3 && p[0] == 0xe0 && p[1] < 0xa0) || (n == 3 && p[0] == 0xed && p[1] > 0x9f) ||
	    (n == 4 && p[0] == 0xf0 && p[1] < 0x90) || (n == 4 && p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

void json_bytes(struct json *j, const char *key, struct span v)
{
	begin(j, key);
	raw(j, "\"");
	for (size_t i = 0; i < v.len;) {
		size_t n = utf8_len(v.ptr + i, v.len - i);
		uint8_t c = v.ptr[i];

		if (!n)
			raw(j, "\\ufffd");
		else if (c == '"' || c == '\\')
			j->bad |= buf_printf(&j->b, "\\%c", c) < 0;
		else if (c < 32 || c == 127)
			j->bad |= buf_printf(&j->b, "\\u%04x", c) < 0;
		else
			j->bad |= buf_add(&j->b, v.ptr + i, n) < 0;
		i += n ? n : 1;
	}
	raw(j, "\"");
}

void json_string(struct json *j, const char *key, const char *value)
{
	if (value)
		json_bytes(j, key, span_of(value, strlen(value)));
	else
		json_null(j, key);
}

void json_int(struct json *j, const char *key, uint64_t value)
{
	begin(j, key);
	j->bad |= buf_printf(&j->b, "%" PRIu64, value) < 0;
}

void json_signed(struct json *j, const char *key, int64_t value)
{
	begin(j, key);
	j->bad |= buf_printf(&j->b, "%" PRId64, value) < 0;
}

void json_addr(struct json *j, const char *key, uint64_t value)
{
	begin(j, key);
	j->bad |= buf_printf(&j->b, "\"0x%" PRIx64 "\"", value) < 0;
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin(j, key);
	raw(j, value ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
	begin(j, key);
	raw(j, "null");
}

void json_tri(struct json *j, const char *key, int value)
{
	if (value < 0)
		json_null(j, key);
	else
		json_bool(j, key, value);
}
