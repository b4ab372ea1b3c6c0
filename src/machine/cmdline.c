/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/cmdline.h"

#include <string.h>

/* One parameter of a line, as offsets into it. */
struct word {
	size_t from, to;   /* with its quotes */
	struct span name;  /* without them */
	struct span value; /* NULL ptr: no "=" */
	bool open;         /* its quote is never closed */
};

/* isspace() of the kernel's lib/ctype.c: 0xa0 counts. */
static bool is_blank(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0;
}

/*
 * next_arg(): a quote may stand around the whole word, around the value, or anywhere inside (and
 * then it stays).
 */
static bool next_word(struct span line, size_t *pos, struct word *w)
{
	size_t i = *pos, equals = 0;
	bool quoted, in_quote = false;

	while (i < line.len && is_blank(line.ptr[i]))
		i++;
	if (i == line.len)
		return false;
	*w = (struct word){.from = i};
	quoted = line.ptr[i] == '"';
	if (quoted) {
		in_quote = true;
		i++;
	}
	size_t first = i, end;

	for (; i < line.len && (in_quote || !is_blank(line.ptr[i])); i++) {
		if (!equals && line.ptr[i] == '=' && i > first)
			equals = i;
		if (line.ptr[i] == '"')
			in_quote = !in_quote;
	}
	w->to = i;
	w->open = in_quote;
	end = i;
	*pos = i;
	if (!equals) {
		if (quoted && end > first && line.ptr[end - 1] == '"')
			end--;
		w->name = span_sub(line, first, end - first);
		return true;
	}
	w->name = span_sub(line, first, equals - first);
	size_t v = equals + 1;
	bool value_quoted = v < end && line.ptr[v] == '"';

	v += value_quoted;
	if ((value_quoted || quoted) && end > v && line.ptr[end - 1] == '"')
		end--;
	w->value = span_sub(line, v, end - v);
	return true;
}

static bool is_end(const struct word *w)
{
	return !w->value.ptr && w->name.len == 2 && !memcmp(w->name.ptr, "--", 2);
}

static bool is_named(const struct word *w, const char *name)
{
	if (w->name.len != strlen(name))
		return false;
	for (size_t i = 0; i < w->name.len; i++) {
		char a = (char)w->name.ptr[i], b = name[i];

		if ((a == '-' ? '_' : a) != (b == '-' ? '_' : b))
			return false;
	}
	return true;
}

/*
 * "name" and "name=" differ: the kernel gives the handler no value, or an empty one. Here both are
 * empty.
 */
static struct span value_of(const struct word *w)
{
	return w->value.ptr ? w->value : (struct span){w->name.ptr + w->name.len, 0};
}

struct span cmdline_get(struct span line, const char *name)
{
	struct span found = {NULL, 0};
	struct word w;
	size_t pos = 0;

	while (next_word(line, &pos, &w) && !is_end(&w))
		if (is_named(&w, name))
			found = value_of(&w);
	return found;
}

struct span cmdline_get_nth(struct span line, const char *name, unsigned n)
{
	struct word w;
	size_t pos = 0;

	while (next_word(line, &pos, &w) && !is_end(&w))
		if (is_named(&w, name) && !n--)
			return value_of(&w);
	return (struct span){NULL, 0};
}

bool cmdline_has_end(struct span line)
{
	struct word w;
	size_t pos = 0;

	while (next_word(line, &pos, &w))
		if (is_end(&w))
			return true;
	return false;
}

static bool is_listed(const struct word *w, const char *const *names)
{
	for (; *names; names++)
		if (is_named(w, *names))
			return true;
	return false;
}

int cmdline_strip(struct span line, const char *const *names, struct buf *out)
{
	size_t pos = 0, copied = 0;
	struct word w;

	while (next_word(line, &pos, &w) && !is_end(&w)) {
		if (!is_listed(&w, names))
			continue;
		if (buf_add(out, line.ptr + copied, w.from - copied) < 0)
			return -ENOMEM;
		/* The blanks behind it go with it; at the line's end those before it. */
		copied = w.to;
		while (copied < line.len && is_blank(line.ptr[copied]))
			copied++;
		while (copied == line.len && out->len && is_blank(out->ptr[out->len - 1]))
			out->ptr[--out->len] = 0;
		pos = copied;
	}
	return buf_add(out, line.ptr ? line.ptr + copied : NULL, line.len - copied);
}

int cmdline_insert(struct buf *line, const char *word)
{
	struct span old = buf_span(line);
	size_t pos = 0, at = old.len;
	struct buf out = BUF_INIT;
	struct word w;
	int r;

	while (next_word(old, &pos, &w)) {
		if (!is_end(&w) && !w.open)
			continue;
		at = w.from;
		break;
	}
	bool space_before = at && !is_blank(old.ptr[at - 1]);

	if (buf_reserve(&out, old.len + strlen(word) + 2) < 0)
		return -ENOMEM;
	r = buf_add(&out, old.ptr, at);
	if (!r && space_before)
		r = buf_puts(&out, " ");
	if (!r)
		r = buf_puts(&out, word);
	if (!r && at < old.len)
		r = buf_puts(&out, " ");
	if (!r && at < old.len)
		r = buf_add(&out, old.ptr + at, old.len - at);
	if (r < 0) {
		buf_done(&out);
		return r;
	}
	buf_done(line);
	*line = out;
	return 0;
}
