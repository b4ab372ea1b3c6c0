/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/symvers.h"

#include <stdlib.h>
#include <string.h>

enum { CRC, SYMBOL, MODULE, EXPORT, NAMESPACE, COLUMNS };

int symvers_compare(struct span a, struct span b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int r = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return r ? r : (a.len > b.len) - (a.len < b.len);
}

static int compare(const void *a, const void *b)
{
	return symvers_compare(((const struct symver *)a)->name, ((const struct symver *)b)->name);
}

/* The text up to @end or to the end of @rest, which goes on behind it. */
static struct span take(struct span *rest, char end)
{
	const uint8_t *at = rest->len ? memchr(rest->ptr, end, rest->len) : NULL;
	struct span s = span_sub(*rest, 0, at ? (uint64_t)(at - rest->ptr) : rest->len);

	*rest = span_from(*rest, at ? s.len + 1 : s.len);
	return s;
}

static bool is_text(struct span s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.ptr, text, s.len);
}

static bool begins(struct span s, const char *text)
{
	return s.len >= strlen(text) && !memcmp(s.ptr, text, strlen(text));
}

/* "0x" and up to eight digits. */
static bool parse_crc(struct span s, uint32_t *out)
{
	uint32_t v = 0;

	if (!begins(s, "0x") || s.len < 3 || s.len > 10)
		return false;
	for (size_t i = 2; i < s.len; i++) {
		uint8_t c = s.ptr[i], letter = c | 0x20;

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if (letter >= 'a' && letter <= 'f')
			v = v << 4 | (uint32_t)(letter - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

/* Linux 5.4 and 5.5 wrote the namespace before the module. */
static bool old_order(const struct span *column, unsigned n)
{
	return n == COLUMNS && !begins(column[EXPORT], "EXPORT_") &&
	       begins(column[NAMESPACE], "EXPORT_");
}

static int parse_line(struct span line, size_t number, struct symvers *out, struct err *err)
{
	struct span column[COLUMNS] = {{NULL, 0}}, rest = line;
	struct symver s;
	unsigned n = 0;

	while (n < COLUMNS && rest.ptr && (rest.len || n == NAMESPACE))
		column[n++] = take(&rest, '\t');
	if (n <= MODULE || rest.len || !column[SYMBOL].len || !parse_crc(column[CRC], &s.crc))
		return fail(err, EBADMSG,
			    "line %zu is not \"0xCRC SYMBOL MODULE EXPORT NAMESPACE\" with tabs "
			    "between",
			    number);
	s.name = column[SYMBOL];
	if (!is_text(column[old_order(column, n) ? EXPORT : MODULE], "vmlinux"))
		return 0;
	return vec_push(out, s) < 0 ? fail(err, ENOMEM, "no memory for %zu symbols", out->n) : 0;
}

int symvers_parse(struct span text, struct symvers *out, struct err *err)
{
	struct span rest = text;
	int r = 0;

	for (size_t n = 1; !r && rest.len; n++) {
		struct span line = take(&rest, '\n');

		if (line.len)
			r = parse_line(line, n, out, err);
	}
	if (!r && !out->n)
		r = fail(err, ENOTSUP, "has no line of the module vmlinux");
	if (r)
		vec_done(out);
	else
		qsort(out->v, out->n, sizeof(*out->v), compare);
	return r;
}
