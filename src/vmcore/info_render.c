/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <time.h>

#include "vmcore/info.h"

/* "2026-11-21T08:04:05Z", or an empty string where that time cannot be written. */
static const char *time_text(uint64_t seconds, char out[32])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	out[0] = 0;
	if (seconds <= INT64_MAX && gmtime_r(&t, &tm))
		strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

static void text_notes(const struct dump_info *i, struct buf *b)
{
	buf_puts(b, "notes:\n");
	for (size_t k = 0; k < i->notes.n; k++) {
		const struct info_note *n = &i->notes.v[k];

		buf_printf(b, "  %-12s type %u, %llu bytes", n->name, n->type,
			   (unsigned long long)n->size);
		if (n->count > 1)
			buf_printf(b, " in %llu notes", (unsigned long long)n->count);
		buf_puts(b, "\n");
	}
}

static void text_memory(const struct dump_info *i, struct buf *b)
{
	uint64_t total = ranges_total(&i->memory);
	bool small = total < 1 << 20;

	buf_printf(b, "memory: %llu %s in %zu range%s\n",
		   (unsigned long long)(total >> (small ? 10 : 20)), small ? "KiB" : "MiB",
		   i->memory.n, i->memory.n == 1 ? "" : "s");
	for (size_t k = 0; k < i->memory.n; k++)
		buf_printf(b, "  0x%012llx-0x%012llx\n", (unsigned long long)i->memory.v[k].start,
			   (unsigned long long)i->memory.v[k].end - 1);
}

static void text_log(const struct dump_info *i, struct buf *b)
{
	const struct dmesg_stats *d = &i->dmesg;

	if (!i->has_dmesg)
		return;
	buf_printf(b, "kernel log: %llu records", (unsigned long long)d->records);
	if (d->overwritten)
		buf_printf(b, ", %llu older ones overwritten", (unsigned long long)d->overwritten);
	if (d->lost || d->damaged || d->unfinished)
		buf_printf(b, ", %llu lost, %llu damaged, %llu unfinished",
			   (unsigned long long)d->lost, (unsigned long long)d->damaged,
			   (unsigned long long)d->unfinished);
	buf_puts(b, d->salvaged ? " (index damaged, records searched for)\n" : "\n");
}

int info_text(const struct dump_info *i, struct buf *out)
{
	struct buf b = BUF_INIT;
	char when[32];
	/* buf keeps its content on failure, and a failed first reservation shows at the end. */
	int r = buf_reserve(&b, 4096 + i->memory.n * 48 + i->notes.n * 128);

	buf_printf(&b, "file: %s (ELF core, %u bits, %s-endian, %llu bytes)\n", i->file, i->bits,
		   i->big ? "big" : "little", (unsigned long long)i->file_size);
	buf_printf(&b, "kernel: %s\n", i->version[0] ? i->version : "unknown");
	if (i->arch)
		buf_printf(&b, "architecture: %s\n", i->arch);
	else
		buf_printf(&b, "architecture: unknown (ELF machine %u)\n", i->elf_machine);
	buf_printf(&b, "panic: %s\n", i->panic ? i->panic : "no message found");
	buf_printf(&b, "time: %s\n", i->has_time && time_text(i->time, when)[0] ? when : "unknown");
	if (i->cpus)
		buf_printf(&b, "CPUs: %llu\n", (unsigned long long)i->cpus);
	else
		buf_puts(&b, "CPUs: unknown (no NT_PRSTATUS note)\n");
	text_memory(i, &b);
	text_notes(i, &b);
	text_log(i, &b);
	buf_printf(&b, "complete: %s\n", i->complete ? "yes" : "no");
	for (size_t k = 0; k < i->problems.n; k++)
		buf_printf(&b, "  %s\n", i->problems.v[k]);
	if (r >= 0)
		r = buf_add(out, b.ptr, b.len);
	buf_done(&b);
	return r;
}

static void put(struct json_object *o, const char *key, struct json_object *v)
{
	json_object_object_add(o, key, v);
}

static struct json_object *text_or_null(const char *s)
{
	return s && *s ? json_object_new_string(s) : NULL;
}

static struct json_object *number(uint64_t v)
{
	return json_object_new_uint64(v);
}

static struct json_object *address(uint64_t v)
{
	char s[24];

	snprintf(s, sizeof(s), "0x%llx", (unsigned long long)v);
	return json_object_new_string(s);
}

static struct json_object *json_memory(const struct dump_info *i)
{
	struct json_object *a = json_object_new_array();

	for (size_t k = 0; k < i->memory.n; k++) {
		struct json_object *o = json_object_new_object();

		put(o, "start", address(i->memory.v[k].start));
		put(o, "end", address(i->memory.v[k].end - 1));
		json_object_array_add(a, o);
	}
	return a;
}

static struct json_object *json_notes(const struct dump_info *i)
{
	struct json_object *a = json_object_new_array();

	for (size_t k = 0; k < i->notes.n; k++) {
		const struct info_note *n = &i->notes.v[k];
		struct json_object *o = json_object_new_object();

		put(o, "name", json_object_new_string(n->name));
		put(o, "type", number(n->type));
		put(o, "count", number(n->count));
		put(o, "size", number(n->size));
		json_object_array_add(a, o);
	}
	return a;
}

static struct json_object *json_log(const struct dump_info *i)
{
	struct json_object *o = json_object_new_object();

	put(o, "records", number(i->dmesg.records));
	put(o, "overwritten", number(i->dmesg.overwritten));
	put(o, "lost", number(i->dmesg.lost));
	put(o, "damaged", number(i->dmesg.damaged));
	put(o, "unfinished", number(i->dmesg.unfinished));
	return o;
}

static struct json_object *json_problems(const struct dump_info *i)
{
	struct json_object *a = json_object_new_array();

	for (size_t k = 0; k < i->problems.n; k++)
		json_object_array_add(a, json_object_new_string(i->problems.v[k]));
	return a;
}

int info_json(const struct dump_info *i, struct buf *out)
{
	struct json_object *o = json_object_new_object();
	char when[32];

	if (!o)
		return -ENOMEM;
	put(o, "schema", json_object_new_int(1));
	put(o, "file", json_object_new_string(i->file));
	put(o, "format", json_object_new_string("elf"));
	put(o, "version", text_or_null(i->version));
	put(o, "arch", text_or_null(i->arch));
	put(o, "bits", number(i->bits));
	put(o, "endian", json_object_new_string(i->big ? "big" : "little"));
	put(o, "build_id", text_or_null(i->build_id));
	put(o, "panic", text_or_null(i->panic));
	put(o, "time", i->has_time ? text_or_null(time_text(i->time, when)) : NULL);
	put(o, "cpus", i->cpus ? number(i->cpus) : NULL);
	put(o, "page_size", number(i->page_size));
	put(o, "size", number(i->file_size));
	put(o, "memory", json_memory(i));
	put(o, "notes", json_notes(i));
	put(o, "log", i->has_dmesg ? json_log(i) : NULL);
	put(o, "complete", json_object_new_boolean(i->complete));
	put(o, "problems", json_problems(i));
	const char *s = json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE);
	int r = s && buf_puts(out, s) >= 0 && buf_puts(out, "\n") >= 0 ? 0 : -ENOMEM;

	json_object_put(o);
	return r;
}
