/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/facts_kallsyms.h"

#include <string.h>
#include <unistd.h>

#include "core/cleanup.h"
#include "machine/text.h"

#define STEP  65536u
#define PATH  "proc/kallsyms"
#define LIMIT (1ull << 30) /* a file without an end stops here */

struct search {
	struct kallsym *syms;
	size_t n, left;
	struct buf lines; /* those found, for the sink */
};

static bool is_wanted(const struct kallsym *s, struct span name)
{
	for (unsigned i = 0; i < KALLSYM_NAMES && s->names[i]; i++)
		if (text_is(name, s->names[i]))
			return true;
	return false;
}

/* "ffffffff81000000 T _stext", and "[module]" behind those of modules, which are not looked for. */
static int look_at(struct search *s, struct span line)
{
	struct span rest = line, addr, kind, name, module;
	uint64_t value;

	if (!text_word(&rest, &addr) || !text_word(&rest, &kind) || !text_word(&rest, &name) ||
	    text_word(&rest, &module) || !text_u64(addr, 16, &value))
		return 0;
	for (size_t i = 0; i < s->n; i++) {
		if (s->syms[i].found || !is_wanted(&s->syms[i], name))
			continue;
		s->syms[i].found = true;
		s->syms[i].kind = (char)kind.ptr[0];
		s->syms[i].value = value;
		s->left--;
		if (buf_add(&s->lines, line.ptr, line.len) < 0 || buf_puts(&s->lines, "\n") < 0)
			return -ENOMEM;
	}
	return 0;
}

/* All whole lines of @text; returns the bytes that they took. */
static ssize_t look_at_lines(struct search *s, struct span text, bool last)
{
	const uint8_t *nl = text.len ? memrchr(text.ptr, '\n', text.len) : NULL;
	size_t whole = nl ? (size_t)(nl - text.ptr) + 1 : 0;
	struct span rest, line;

	/* A line longer than the buffer is none of ours; its pieces are harmless. */
	if (last || (!whole && text.len == STEP))
		whole = text.len;
	rest = span_sub(text, 0, whole);
	while (s->left && text_line(&rest, &line))
		if (look_at(s, line) < 0)
			return -ENOMEM;
	return (ssize_t)whole;
}

static int stream(int fd, struct search *s, uint8_t *buf)
{
	size_t have = 0;
	uint64_t total = 0;

	while (s->left && total < LIMIT) {
		ssize_t n = read(fd, buf + have, STEP - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		have += (size_t)n;
		total += (uint64_t)n;
		ssize_t used = look_at_lines(s, span_of(buf, have), !n);
		if (used < 0)
			return (int)used;
		if (!n)
			break;
		have -= (size_t)used;
		memmove(buf, buf + used, have);
	}
	return 0;
}

int kallsyms_find(const struct facts_root *root, struct kallsym *syms, size_t n, struct err *err)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_(freep) uint8_t *buf = malloc(STEP);
	struct search s = {.syms = syms, .n = n, .left = n};
	int r = root_open_file(root, PATH, &fd, err);

	if (r <= 0)
		return r;
	r = buf ? stream(fd, &s, buf) : -ENOMEM;
	if (r < 0 && !root_absent(-r))
		r = root_wrap(root, fail(err, -r, "%s", strerror(-r)), PATH, err);
	else
		r = s.lines.len ? root_put(root, PATH, SINK_APPEND, buf_span(&s.lines), err) : 0;
	buf_done(&s.lines);
	return r;
}
