/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small readers for the text that kernels put into /proc and /sys. Nothing is allocated; spans
 * borrow the input.
 */
#pragma once
#include <stdbool.h>
#include <string.h>
#include "base/span.h"

/*
 * Take the next line off @rest, without its newline. False at the end. A last line may lack its
 * newline.
 */
bool text_line(struct span *rest, struct span *line);

/* Take the next word (parted by blanks and tabs) off @rest. False when there is none. */
bool text_word(struct span *rest, struct span *word);

/* @s without blanks, newlines and NULs at both ends. */
struct span text_trim(struct span s);

/*
 * The whole of @s is one number that fits 64 bits. @base 10 or 16; 0 = hexadecimal behind "0x",
 * else decimal. Base 16 takes an "0x" or none. No sign, no blanks.
 */
bool text_u64(struct span s, unsigned base, uint64_t *value);

/*
 * The number at the beginning of @rest, which is then behind it. Digits of @base (10 or 16) only,
 * at least one.
 */
bool text_take_u64(struct span *rest, unsigned base, uint64_t *value);

/* Inline, so that the length of a constant word is known: /proc/iomem asks a dozen times a line. */
static inline bool text_is(struct span s, const char *word)
{
	return s.len == strlen(word) && !memcmp(s.ptr, word, s.len);
}

static inline bool text_starts(struct span s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.len >= n && !memcmp(s.ptr, prefix, n);
}

bool text_is_nocase(struct span s, const char *word);

/*
 * Behind the first "@key" + @sep at the beginning of a line of @text, up to the end of that line;
 * NULL ptr if none.
 */
struct span text_value(struct span text, const char *key, char sep);
