/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One JSON object, written in order. Keys are ours and need no escapes; strings are escaped, bytes
 * that are no UTF-8 become \xNN. The first failure (no memory) sticks in @bad.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "core/buf.h"

struct json {
	struct buf b;
	bool comma, bad;
};

#define JSON_INIT                                                                                  \
	{                                                                                          \
		BUF_INIT, false, false                                                             \
	}

void json_open(struct json *j, const char *key, char bracket); /* '{' or '['; @key NULL: none */
void json_close(struct json *j, char bracket);                 /* '}' or ']' */
void json_string(struct json *j, const char *key, const char *value); /* NULL value: null */
void json_bytes(struct json *j, const char *key, struct span value);
void json_int(struct json *j, const char *key, uint64_t value);
void json_signed(struct json *j, const char *key, int64_t value);
void json_addr(struct json *j, const char *key, uint64_t value); /* "0x…" */
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
void json_tri(struct json *j, const char *key, int value); /* -1 null, 0 false, 1 true */
