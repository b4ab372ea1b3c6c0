/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The logs before the lockless ring: records of Linux 3.5 to 5.9 (kernel/printk/printk.c, struct
 * printk_log; called struct log until 3.10) and the flat text before them (kernel/printk.c, log_end
 * and logged_chars).
 */
#include <stdio.h>
#include <string.h>

#include "vmcore/dmesg_out.h"

#define BUFFER_MAX (1ull << 31) /* LOG_BUF_LEN_MAX */

enum {
	LOG_NEWLINE = 2,
	LOG_PREFIX = 4,
	LOG_CONT = 8, /* enum log_flags */
	HEADER_MIN = 16,
	HEADER_MAX = 256,
	TEXT_MAX = UINT16_MAX,
	FLAT_MAX = 1 << 26, /* read byte by byte; CONFIG_LOG_BUF_SHIFT went up to 21 then */
};

struct record_log {
	uint64_t buf, size;
	uint64_t header, ts, len, text_len, dict_len;
	uint8_t before; /* flags of the record before */
	uint8_t text[TEXT_MAX];
};

static bool read_key(const struct dump *d, const char *kind, const char *member, uint64_t *v)
{
	char key[64];

	/* The structure lost its general name in 3.11. */
	snprintf(key, sizeof(key), "%s(printk_log%s)", kind, member);
	if (dump_key(d, key, v))
		return true;
	snprintf(key, sizeof(key), "%s(log%s)", kind, member);
	return dump_key(d, key, v);
}

static int read_symbol(const struct dmesg_out *o, const char *name, unsigned bytes, uint64_t *v,
		       struct err *err)
{
	char key[64];
	uint64_t va;

	snprintf(key, sizeof(key), "SYMBOL(%s)", name);
	if (!dump_key(o->d, key, &va))
		return fail(err, ENODATA, "vmcoreinfo lacks %s: the kernel log cannot be read",
			    key);
	if (dmesg_read_uint(o, va, bytes, v) < 0)
		return fail(err, ENODATA, "%s at 0x%llx is not in the dump", name,
			    (unsigned long long)va);
	return 0;
}

static int read_buffer(const struct dmesg_out *o, uint64_t *buf, uint64_t *size, struct err *err)
{
	int r = read_symbol(o, "log_buf", dmesg_long(o), buf, err);

	if (r >= 0)
		r = read_symbol(o, "log_buf_len", 4, size, err);
	if (r >= 0 && (!*size || *size > BUFFER_MAX))
		r = fail(err, EBADMSG, "kernel log of %llu bytes: that cannot be",
			 (unsigned long long)*size);
	return r;
}

static int find_log(const struct dmesg_out *o, struct record_log *g, struct err *err)
{
	const struct dump *d = o->d;

	if (!read_key(d, "SIZE", "", &g->header) || !read_key(d, "OFFSET", ".ts_nsec", &g->ts) ||
	    !read_key(d, "OFFSET", ".len", &g->len) ||
	    !read_key(d, "OFFSET", ".text_len", &g->text_len) ||
	    !read_key(d, "OFFSET", ".dict_len", &g->dict_len))
		return fail(
			err, ENODATA,
			"vmcoreinfo does not describe printk_log: the kernel log cannot be read");
	if (g->header < HEADER_MIN || g->header > HEADER_MAX || g->ts > g->header - 8 ||
	    g->len > g->header - 2 || g->text_len > g->header - 2 || g->dict_len > g->header - 4)
		return fail(err, EBADMSG,
			    "vmcoreinfo's printk_log offsets lie outside the structure");
	return read_buffer(o, &g->buf, &g->size, err);
}

/* How 3.5 to 4.9 glued pieces of one line together (msg_print_text); later kernels glue before they
 * store. */
static void set_glue(struct dmesg_record *r, uint8_t flags, uint8_t before)
{
	r->prefix = r->newline = true;
	if (before & LOG_CONT && !(flags & LOG_PREFIX) &&
	    (!(flags & LOG_CONT) || !(before & LOG_NEWLINE)))
		r->prefix = false;
	if (flags & LOG_CONT && !(flags & LOG_NEWLINE))
		r->newline = false;
}

/* One record at @idx; @total is its length, 0 for the mark that the log goes on at its start.
 * False: damage. */
static bool put_one(struct dmesg_out *o, struct record_log *g, uint64_t idx, uint64_t *total)
{
	uint8_t raw[HEADER_MAX];
	struct dmesg_record rec = {0};

	if (g->size - idx < g->header ||
	    dmesg_bytes(o, DMESG_TEXT, g->buf + idx, raw, (size_t)g->header) < 0)
		return false;
	*total = dmesg_uint(o, raw + g->len, 2);
	if (!*total)
		return true;
	uint16_t text = (uint16_t)dmesg_uint(o, raw + g->text_len, 2);

	if (*total < g->header || *total > g->size - idx || text > *total - g->header ||
	    dmesg_bytes(o, DMESG_TEXT, g->buf + idx + g->header, g->text, text) < 0)
		return false;
	/* u16 len, text_len, dict_len; u8 facility; u8 flags:5, level:3. */
	uint8_t bits = raw[g->dict_len + 3];
	uint8_t flags = o->d->elf.big ? bits >> 3 : bits & 31;

	rec.ts_nsec = dmesg_uint(o, raw + g->ts, 8);
	rec.facility = raw[g->dict_len + 2];
	rec.level = o->d->elf.big ? bits & 7 : bits >> 5;
	rec.text = span_of(g->text, text);
	set_glue(&rec, flags, g->before);
	/* Only a piece that ended in the middle of its line can be continued. */
	rec.prefix |= !o->line.len;
	g->before = flags;
	o->stats->records++;
	dmesg_put(o, &rec);
	return true;
}

static int walk_records(struct dmesg_out *o, struct record_log *g, uint64_t idx, uint64_t end)
{
	/* Each step is a record or the one jump back to the start. */
	uint64_t steps = g->size / g->header + 2;
	bool wrapped = false;

	while (idx != end && steps-- && o->r >= 0) {
		uint64_t total;

		if (idx >= g->size || !put_one(o, g, idx, &total) || (!total && wrapped)) {
			o->stats->damaged++;
			return dmesg_remark(o, "the log is damaged at 0x%llx; what follows is lost",
					    (unsigned long long)idx);
		}
		wrapped |= !total;
		idx = total ? idx + total : 0;
	}
	return o->r;
}

int dmesg_records(struct dmesg_out *o, struct err *err)
{
	struct record_log *g = calloc(1, sizeof(*g));
	uint64_t first, next;
	int r;

	if (!g)
		return fail(err, ENOMEM, "no memory for the kernel log");
	r = find_log(o, g, err);
	if (r >= 0)
		r = read_symbol(o, "log_first_idx", 4, &first, err);
	if (r >= 0)
		r = read_symbol(o, "log_next_idx", 4, &next, err);
	if (r >= 0)
		r = walk_records(o, g, first, next);
	free(g);
	return r;
}

/* A line of flat text: "<6>[    0.000000] …" as it stands, less the level unless it is wanted. */
static int put_flat(struct dmesg_out *o, struct span line)
{
	struct dmesg_record rec = {.text = line, .newline = true};

	if (!(o->flags & DMESG_LEVELS) && line.len > 3 && line.ptr[0] == '<' && line.ptr[2] == '>')
		rec.text = span_from(line, 3);
	o->stats->records++;
	return dmesg_put(o, &rec);
}

int dmesg_flat(struct dmesg_out *o, struct err *err)
{
	uint64_t buf, size, end, chars;
	struct buf line = BUF_INIT;
	int r = read_buffer(o, &buf, &size, err);

	if (r >= 0 && size > FLAT_MAX)
		r = fail(err, EBADMSG, "kernel log of %llu bytes of plain text: that cannot be",
			 (unsigned long long)size);
	if (r >= 0)
		r = read_symbol(o, "log_end", 4, &end, err);
	/* Not in every old kernel; without it the buffer counts as full. */
	if (r >= 0 && read_symbol(o, "logged_chars", 4, &chars, NULL) < 0)
		chars = end;
	if (r < 0)
		return r;
	if (chars > size)
		chars = size;
	for (uint64_t i = 0; i < chars && r >= 0; i++) {
		uint64_t at = (end - chars + i) % size;
		uint8_t c;

		if (dmesg_bytes(o, DMESG_TEXT, buf + at, &c, 1) < 0) {
			o->stats->damaged++;
			break;
		}
		if (c && c != '\n' && buf_add(&line, &c, 1) < 0)
			r = fail(err, ENOMEM, "no memory for a line of the kernel log");
		else if (line.len && (c == '\n' || line.len >= TEXT_MAX)) {
			r = put_flat(o, buf_span(&line));
			line.len = 0;
		}
	}
	if (r >= 0 && line.len)
		r = put_flat(o, buf_span(&line));
	buf_done(&line);
	return r;
}
