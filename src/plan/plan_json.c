/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include <json-c/json.h>

#include "core/escape.h"
#include "plan/plan.h"

/* One object under construction; the first failure sticks. */
struct object {
	struct json_object *o;
	int r;
};

/* Takes @value over. A NULL @value is JSON's null: json-c itself uses it so. */
static void put(struct object *to, const char *key, struct json_object *value)
{
	if (!to->r && json_object_object_add(to->o, key, value) == 0)
		return;
	json_object_put(value);
	to->r = -ENOMEM;
}

static void push(struct object *to, struct json_object *value)
{
	if (!to->r && value && json_object_array_add(to->o, value) == 0)
		return;
	json_object_put(value);
	to->r = -ENOMEM;
}

/* Checks what json_object_new_* gave: there NULL means that memory ran out. */
static struct json_object *made(struct object *to, struct json_object *value)
{
	if (!value)
		to->r = -ENOMEM;
	return value;
}

static struct json_object *text(struct object *to, struct span s)
{
	struct buf clean = BUF_INIT;
	struct json_object *out = NULL;

	/* json-c counts in int. */
	if (escape_utf8(s, &clean) == 0 && clean.len < INT32_MAX)
		out = json_object_new_string_len(buf_str(&clean), (int)clean.len);
	buf_done(&clean);
	return made(to, out);
}

static struct json_object *string(struct object *to, const char *s)
{
	return text(to, span_of(s, __builtin_strlen(s)));
}

static struct json_object *known(struct object *to, const char *s)
{
	return s[0] ? string(to, s) : NULL;
}

static struct json_object *address(struct object *to, uint64_t a)
{
	char out[24];

	snprintf(out, sizeof(out), "0x%" PRIx64, a);
	return string(to, out);
}

static struct object new_object(void)
{
	struct object o = {json_object_new_object(), 0};

	made(&o, o.o);
	return o;
}

static struct object new_array(void)
{
	struct object o = {json_object_new_array(), 0};

	made(&o, o.o);
	return o;
}

/* Give a finished part to its parent, with its failure. */
static void put_part(struct object *to, const char *key, struct object part)
{
	if (part.r)
		to->r = part.r;
	put(to, key, part.o);
}

static struct object image(const struct plan *p)
{
	struct object o = new_object();

	put(&o, "file", string(&o, p->image_file));
	put(&o, "format", known(&o, p->image_format));
	put(&o, "version", known(&o, p->image_version));
	return o;
}

static struct object strings(char *const *v, size_t n)
{
	struct object o = new_array();

	for (size_t i = 0; i < n; i++)
		push(&o, string(&o, v[i]));
	return o;
}

static struct object segments(const struct plan *p)
{
	struct object all = new_array();
	bool placed = p->syscall == PLAN_LOAD;

	for (size_t i = 0; i < p->segments.n; i++) {
		const struct plan_segment *s = &p->segments.v[i];
		struct object o = new_object();

		put(&o, "kind", string(&o, segment_kind_name(s->kind)));
		put(&o, "mem", placed ? address(&o, s->mem) : NULL);
		put(&o, "memsz", placed ? made(&o, json_object_new_uint64(s->memsz)) : NULL);
		put(&o, "bufsz", made(&o, json_object_new_uint64(s->data.len)));
		put(&o, "reason", known(&o, s->reason));
		if (o.r)
			all.r = o.r;
		push(&all, o.o);
	}
	return all;
}

static const char *verifier(enum verified_by v)
{
	return v == VERIFIED_BATON ? "baton" : v == VERIFIED_KERNEL ? "kernel" : "none";
}

int plan_json(const struct plan *p, struct buf *out)
{
	struct object o = new_object();
	bool placed = p->syscall == PLAN_LOAD;
	const char *s = NULL;
	size_t len = 0;
	int r;

	put(&o, "schema", made(&o, json_object_new_int(1)));
	put(&o, "arch", string(&o, p->arch));
	put(&o, "crash", made(&o, json_object_new_boolean(p->crash)));
	put(&o, "syscall", string(&o, placed ? "load" : "file"));
	put(&o, "verified_by", string(&o, verifier(p->verified_by)));
	put_part(&o, "image", image(p));
	put(&o, "entry", placed ? address(&o, p->entry) : NULL);
	put(&o, "kernel_entry", placed ? address(&o, p->kernel_entry) : NULL);
	put(&o, "cmdline", text(&o, buf_span(&p->cmdline)));
	put_part(&o, "added_cmdline", strings(p->added_cmdline.v, p->added_cmdline.n));
	put_part(&o, "segments", segments(p));
	put_part(&o, "warnings", strings(p->warnings.v, p->warnings.n));
	if (!o.r)
		s = json_object_to_json_string_length(
			o.o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	r = s ? buf_reserve(out, len + 1) : -ENOMEM;
	if (!r)
		r = buf_add(out, s, len);
	if (!r)
		r = buf_puts(out, "\n");
	json_object_put(o.o);
	return r;
}
