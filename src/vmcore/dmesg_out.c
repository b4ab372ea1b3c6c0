/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmcore/dmesg_out.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/put.h"

uint64_t dmesg_uint(const struct dmesg_out *o, const uint8_t *at, unsigned bytes)
{
	return o->d->elf.big ? get_be(at, bytes) : get_le(at, bytes);
}

unsigned dmesg_long(const struct dmesg_out *o)
{
	return dump_long(o->d);
}

int dmesg_read_uint(const struct dmesg_out *o, uint64_t va, unsigned bytes, uint64_t *value)
{
	uint8_t raw[8];
	int r = dump_read_va(o->d, va, raw, bytes);

	if (r >= 0)
		*value = dmesg_uint(o, raw, bytes);
	return r;
}

int dmesg_bytes(struct dmesg_out *o, enum dmesg_stream s, uint64_t va, void *buf, size_t len)
{
	struct dmesg_window *w = &o->windows[s];

	if (va < w->va || va - w->va > w->len || len > w->len - (va - w->va)) {
		ssize_t n = dump_read_some(o->d, va, w->bytes, sizeof(w->bytes));

		w->va = va;
		w->len = n < 0 ? 0 : (size_t)n;
		if (len > w->len)
			return dump_read_va(o->d, va, buf, len);
	}
	memcpy(buf, w->bytes + (va - w->va), len);
	return 0;
}

static int flush(struct dmesg_out *o)
{
	if (o->r >= 0 && o->line.len)
		o->r = o->emit(o->ctx, buf_str(&o->line), o->line.len);
	o->line.len = 0;
	return o->r;
}

static void add(struct dmesg_out *o, const void *data, size_t len)
{
	if (o->r >= 0 && buf_add(&o->line, data, len) < 0)
		o->r = -ENOMEM;
}

static void add_prefix(struct dmesg_out *o, const struct dmesg_record *r)
{
	char text[96];
	int n = 0;

	if (o->flags & DMESG_LEVELS)
		n = snprintf(text, sizeof(text), "<%u>", r->facility * 8u + r->level);
	n += snprintf(text + n, sizeof(text) - (size_t)n, "[%5llu.%06llu]",
		      (unsigned long long)(r->ts_nsec / 1000000000),
		      (unsigned long long)(r->ts_nsec % 1000000000 / 1000));
	if (r->has_caller && o->flags & DMESG_CALLERS) {
		char id[16];

		snprintf(id, sizeof(id), "%c%u", r->caller >> 31 ? 'C' : 'T',
			 (unsigned)(r->caller & INT32_MAX));
		n += snprintf(text + n, sizeof(text) - (size_t)n, "[%6s]", id);
	}
	n += snprintf(text + n, sizeof(text) - (size_t)n, " ");
	add(o, text, (size_t)n);
}

/* Bytes of one well-formed UTF-8 sequence at the start of @s (Unicode, table 3-7), or 0. */
static size_t utf8(struct span s)
{
	uint8_t a = s.ptr[0];
	size_t n = a >= 0xc2 && a <= 0xdf   ? 2
		   : (a & 0xf0) == 0xe0     ? 3
		   : a >= 0xf0 && a <= 0xf4 ? 4
					    : 0;

	if (!n || s.len < n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s.ptr[i] & 0xc0) != 0x80)
			return 0;
	if ((a == 0xe0 && s.ptr[1] < 0xa0) || (a == 0xed && s.ptr[1] > 0x9f) ||
	    (a == 0xf0 && s.ptr[1] < 0x90) || (a == 0xf4 && s.ptr[1] > 0x8f))
		return 0;
	return n;
}

static void add_text(struct dmesg_out *o, struct span s)
{
	while (s.len && o->r >= 0) {
		size_t n = 0;

		while (n < s.len && ((s.ptr[n] >= ' ' && s.ptr[n] < 0x7f) || s.ptr[n] == '\t'))
			n++;
		if (!n && s.ptr[0] >= 0x80)
			n = utf8(s);
		if (n) {
			add(o, s.ptr, n);
		} else {
			char hex[5];

			snprintf(hex, sizeof(hex), "\\x%02x", s.ptr[0]);
			add(o, hex, 4);
			n = 1;
		}
		s = span_from(s, n);
	}
}

int dmesg_put(struct dmesg_out *o, const struct dmesg_record *r)
{
	struct span rest = r->text;
	bool prefix = r->prefix, last;

	/* A line begun by another caller ends here. */
	if (prefix && o->line.len) {
		add(o, "\n", 1);
		flush(o);
	}
	do {
		const uint8_t *nl = rest.len ? memchr(rest.ptr, '\n', rest.len) : NULL;
		size_t len = nl ? (size_t)(nl - rest.ptr) : rest.len;

		if (prefix)
			add_prefix(o, r);
		prefix = true;
		add_text(o, span_of(rest.ptr, len));
		last = !nl;
		rest = nl ? span_from(rest, len + 1) : (struct span){NULL, 0};
		if (!last || r->newline) {
			add(o, "\n", 1);
			flush(o);
		}
	} while (!last && o->r >= 0);
	return o->r;
}

int dmesg_remark(struct dmesg_out *o, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	if (o->line.len) {
		add(o, "\n", 1);
		flush(o);
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add(o, "(baton: ", 8);
	add(o, text, strlen(text));
	add(o, ")\n", 2);
	return flush(o);
}

int dmesg_read(const struct dump *d, unsigned flags, dmesg_emit_fn *emit, void *ctx,
	       struct dmesg_stats *stats, struct err *err)
{
	struct dmesg_out o = {.d = d, .flags = flags, .emit = emit, .ctx = ctx, .stats = stats};
	uint64_t va;
	int r;

	*stats = (struct dmesg_stats){0};
	if (!d->vmcoreinfo.len)
		return fail(err, ENODATA,
			    "the dump has no vmcoreinfo: its kernel log cannot be found");
	o.windows = calloc(DMESG_STREAMS, sizeof(*o.windows));
	if (!o.windows)
		return fail(err, ENOMEM, "no memory for the kernel log");
	if (dump_key(d, "SYMBOL(prb)", &va))
		r = dmesg_prb(&o, err);
	else if (dump_key(d, "SYMBOL(log_first_idx)", &va))
		r = dmesg_records(&o, err);
	else if (dump_key(d, "SYMBOL(log_buf)", &va))
		r = dmesg_flat(&o, err);
	else
		r = fail(err, ENODATA, "vmcoreinfo does not say where the kernel log is");
	if (r >= 0 && o.line.len) {
		add(&o, "\n", 1);
		r = flush(&o);
	}
	if (o.r == -ENOMEM)
		r = fail(err, ENOMEM, "no memory for a line of the kernel log");
	buf_done(&o.line);
	free(o.windows);
	return r;
}
