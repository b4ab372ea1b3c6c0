/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/text.h"

#include <string.h>
#include <strings.h>

#include "base/ckd.h"

bool text_line(struct span *rest, struct span *line)
{
	if (!rest->len)
		return false;
	const uint8_t *nl = memchr(rest->ptr, '\n', rest->len);
	size_t len = nl ? (size_t)(nl - rest->ptr) : rest->len;

	*line = (struct span){rest->ptr, len};
	*rest = span_from(*rest, nl ? len + 1 : len);
	return true;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || !c;
}

bool text_word(struct span *rest, struct span *word)
{
	size_t from = 0, to;

	while (from < rest->len && is_blank(rest->ptr[from]))
		from++;
	for (to = from; to < rest->len && !is_blank(rest->ptr[to]);)
		to++;
	if (from == to)
		return false;
	*word = span_sub(*rest, from, to - from);
	*rest = span_from(*rest, to);
	return true;
}

struct span text_trim(struct span s)
{
	while (s.len && is_blank(s.ptr[0]))
		s = span_from(s, 1);
	while (s.len && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* The value of a hexadecimal digit plus 1; 0 for any other byte. */
static const uint8_t digits[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static bool append_digit(uint64_t *v, unsigned base, unsigned d)
{
	if (base == 16) {
		bool fits = !(*v >> 60);

		*v = *v << 4 | d;
		return fits;
	}
	return !ckd_mul(v, *v, base) && !ckd_add(v, *v, d);
}

bool text_take_u64(struct span *rest, unsigned base, uint64_t *value)
{
	const uint8_t *at = rest->ptr, *end;
	uint64_t v = 0;
	unsigned d;

	if (!rest->len)
		return false;
	end = at + rest->len;
	for (; at < end && (d = digits[*at] - 1u) < base; at++)
		if (!append_digit(&v, base, d))
			return false;
	if (at == rest->ptr)
		return false;
	*rest = span_of(at, (size_t)(end - at));
	*value = v;
	return true;
}

bool text_u64(struct span s, unsigned base, uint64_t *value)
{
	bool prefix = s.len > 2 && s.ptr[0] == '0' && (s.ptr[1] | 0x20) == 'x';
	uint64_t v;

	if (!base)
		base = prefix ? 16 : 10;
	if (prefix && base == 16)
		s = span_from(s, 2);
	if (!text_take_u64(&s, base, &v) || s.len)
		return false;
	*value = v;
	return true;
}

bool text_is_nocase(struct span s, const char *word)
{
	return s.len == strlen(word) && !strncasecmp((const char *)s.ptr, word, s.len);
}

struct span text_value(struct span text, const char *key, char sep)
{
	size_t n = strlen(key);
	struct span line;

	while (text_line(&text, &line))
		if (line.len > n && text_starts(line, key) && line.ptr[n] == (uint8_t)sep)
			return span_from(line, n + 1);
	return (struct span){NULL, 0};
}
