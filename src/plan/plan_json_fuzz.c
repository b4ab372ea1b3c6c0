/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Renderings of a plan that holds odd text. Whatever the bytes: the JSON parses strictly and gives
 * back what is sound, the text holds no control character, the SVG has no "<" that is not ours.
 * Input: one byte of flags, then fields ended by newlines: command line, path, version, added
 * parameter, warning, reason.
 */
#include <json-c/json.h>
#include <stdio.h>

#include "core/escape.h"
#include "core/fuzz.h"
#include "plan/plan.h"

/*
 * The next field as a string of at most @len bytes with its NUL; ends at a newline or a NUL, as a C
 * string would.
 */
static void field(struct span *in, char *out, size_t len)
{
	size_t n = 0;

	while (in->len && in->ptr[0] != '\n') {
		if (n + 1 < len)
			out[n++] = (char)in->ptr[0];
		*in = span_from(*in, 1);
	}
	*in = span_from(*in, in->len ? 1 : 0);
	out[n] = '\0';
}

static void check_json(const struct plan *p)
{
	struct json_tokener *t = json_tokener_new();
	struct json_object *o, *line;
	struct buf out = BUF_INIT, want = BUF_INIT;

	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	if (plan_json(p, &out) < 0 || escape_utf8(buf_span(&p->cmdline), &want) < 0)
		abort();
	o = json_tokener_parse_ex(t, buf_str(&out), (int)out.len);
	if (!o || !json_object_object_get_ex(o, "cmdline", &line) ||
	    (size_t)json_object_get_string_len(line) != want.len ||
	    memcmp(json_object_get_string(line), buf_str(&want), want.len) ||
	    strcspn(buf_str(&out), "\n") != out.len - 1)
		abort();
	json_object_put(o);
	json_tokener_free(t);
	buf_done(&out);
	buf_done(&want);
}

/* No byte but sound UTF-8, no control character but the newline. */
static void check_clean(const struct buf *out)
{
	for (struct span s = buf_span(out); s.len;) {
		unsigned n = escape_utf8_len(s);

		if (!n || (s.ptr[0] < 0x20 && s.ptr[0] != '\n') || s.ptr[0] == 0x7f)
			abort();
		s = span_from(s, n);
	}
}

/* Every "<" begins a tag of ours, and all of them are closed. */
static void check_tags(const char *svg)
{
	int open = 0;

	for (const char *at = strchr(svg, '<'); at; at = strchr(at + 1, '<')) {
		const char *end = strchr(at, '>');

		if (!end || end == strpbrk(at + 1, "<"))
			abort();
		if (at[1] != '?')
			open += at[1] == '/' ? -1 : end[-1] != '/';
	}
	if (open)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);
	uint8_t flags = size ? data[0] : 0;
	struct mem_range ram = {{0, 0x80000000}, MEM_RAM};
	struct plan_segment s = {.kind = flags & 15, .mem = 0x100000, .memsz = 0x1000};
	struct plan p = {.crash = flags & 16, .syscall = flags & 32 ? PLAN_FILE : PLAN_LOAD};
	char line[512], added[64], warning[256], *added_v = added, *warning_v = warning;
	struct buf out = BUF_INIT;

	in = span_from(in, size ? 1 : 0);
	field(&in, line, sizeof(line));
	field(&in, p.image_file, sizeof(p.image_file));
	field(&in, p.image_version, sizeof(p.image_version));
	field(&in, added, sizeof(added));
	field(&in, warning, sizeof(warning));
	field(&in, s.reason, sizeof(s.reason));
	if (buf_puts(&p.cmdline, line) < 0)
		abort();
	p.segments.v = &s;
	p.added_cmdline.v = &added_v;
	p.warnings.v = &warning_v;
	p.memory.v = &ram;
	p.segments.n = p.added_cmdline.n = p.warnings.n = p.memory.n = 1;
	check_json(&p);
	if (plan_text(&p, true, &out) < 0)
		abort();
	check_clean(&out);
	out.len = 0;
	if (plan_svg(&p, &out) < 0)
		abort();
	check_clean(&out);
	check_tags(buf_str(&out));
	buf_done(&out);
	buf_done(&p.cmdline);
	return 0;
}
