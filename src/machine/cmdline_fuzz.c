/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties: a stripped parameter is gone and the others keep their values and order; an inserted
 * word is seen, nothing else changes, and stripping it again gives the line back but for blanks at
 * its end.
 */
#include "core/fuzz.h"
#include "machine/cmdline.h"

static bool same(struct span a, struct span b)
{
	return !a.ptr == !b.ptr && a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len));
}

/* Every value of the parameters @names is the same in both lines. */
static void need_same_values(struct span a, struct span b, const char *const *names)
{
	for (; *names; names++) {
		for (unsigned n = 0; n < 50; n++) {
			struct span v = cmdline_get_nth(a, *names, n);

			assert(same(v, cmdline_get_nth(b, *names, n)));
			if (!v.ptr)
				break;
		}
		assert(same(cmdline_get(a, *names), cmdline_get(b, *names)));
	}
}

static const char *const out_names[] = {"crashkernel", "a", NULL};
static const char *const kept_names[] = {"b", "console", "quiet", "a b", "", NULL};
static const char *const inserted[] = {"W", NULL};

static void check_strip(struct span line)
{
	struct buf out = BUF_INIT;

	assert(cmdline_strip(line, out_names, &out) == 0 && out.len <= line.len);
	for (unsigned i = 0; out_names[i]; i++)
		assert(!cmdline_get(buf_span(&out), out_names[i]).ptr);
	need_same_values(line, buf_span(&out), kept_names);
	buf_done(&out);
}

static void check_insert(struct span line)
{
	struct buf out = BUF_INIT, back = BUF_INIT;
	struct span value;

	if (cmdline_get(line, "W").ptr)
		return;
	assert(buf_add(&out, line.ptr, line.len) == 0 && cmdline_insert(&out, "W=1") == 0);
	value = cmdline_get(buf_span(&out), "W");
	assert(value.len == 1 && *value.ptr == '1');
	assert(out.len >= line.len + 3 && out.len <= line.len + 5);
	need_same_values(line, buf_span(&out), kept_names);
	need_same_values(line, buf_span(&out), out_names);
	assert(cmdline_strip(buf_span(&out), inserted, &back) == 0);
	assert(back.len <= line.len + 1 &&
	     (!back.len || !memcmp(back.ptr, line.ptr, back.len < line.len ? back.len : line.len)));
	buf_done(&out);
	buf_done(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 4096)
		return 0;
	check_strip(span_of(data, size));
	check_insert(span_of(data, size));
	return 0;
}
