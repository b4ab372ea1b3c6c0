/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/json.h"

#include <inttypes.h>
#include <string.h>

#include "core/cleanup.h"
#include "core/escape.h"

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

void json_bytes(struct json *j, const char *key, struct span value)
{
	_cleanup_(buf_done) struct buf clean = BUF_INIT;

	j->bad |= escape_utf8(value, &clean) < 0;
	begin(j, key);
	raw(j, "\"");
	for (size_t i = 0; i < clean.len; i++) {
		uint8_t c = clean.ptr[i];

		if (c == '"' || c == '\\')
			j->bad |= buf_printf(&j->b, "\\%c", c) < 0;
		else if (c < 32 || c == 127)
			j->bad |= buf_printf(&j->b, "\\u%04x", c) < 0;
		else
			j->bad |= buf_add(&j->b, &c, 1) < 0;
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
