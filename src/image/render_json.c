/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/render.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "core/escape.h"

/*
 * json-c reports a failed allocation by NULL, which as a member would read as JSON null: @bad
 * remembers it.
 */
struct json {
	struct json_object *obj;
	bool bad;
};

static void add(struct json *j, const char *key, struct json_object *v)
{
	if (!v || !j->obj || json_object_object_add(j->obj, key, v)) {
		json_object_put(v);
		j->bad = true;
	}
}

static void add_null(struct json *j, const char *key)
{
	if (!j->obj || json_object_object_add(j->obj, key, NULL))
		j->bad = true;
}

static void add_str(struct json *j, const char *key, const char *s)
{
	if (s && *s)
		add(j, key, json_object_new_string(s));
	else
		add_null(j, key);
}

/* A path and a line may hold any bytes; JSON is UTF-8. */
static void add_text(struct json *j, const char *key, struct span text)
{
	struct buf clean = BUF_INIT;

	if (escape_utf8(text, &clean))
		j->bad = true;
	add_str(j, key, buf_str(&clean));
	buf_done(&clean);
}

/* A size: 0 is unknown. */
static void add_size(struct json *j, const char *key, uint64_t v)
{
	if (v)
		add(j, key, json_object_new_uint64(v));
	else
		add_null(j, key);
}

/* An address: 0 is none. */
static void add_addr(struct json *j, const char *key, uint64_t v)
{
	char hex[24];

	snprintf(hex, sizeof(hex), "0x%" PRIx64, v);
	add_str(j, key, v ? hex : NULL);
}

static struct json begin(void)
{
	struct json_object *o = json_object_new_object();

	return (struct json){o, !o};
}

static void nest(struct json *j, const char *key, struct json inner)
{
	j->bad = j->bad || inner.bad;
	add(j, key, inner.obj);
}

static void add_payload(struct json *j, const struct image *m)
{
	struct json in;

	if (!m->payload_size) {
		add_null(j, "payload");
		return;
	}
	in = begin();
	add(&in, "offset", json_object_new_uint64(m->payload_off));
	add_size(&in, "size", m->payload_size);
	nest(j, "payload", in);
}

static void add_memory(struct json *j, const struct image *m)
{
	struct json in = begin();

	add_size(&in, "unpacking", m->footprint_unpacking);
	add_size(&in, "running", m->footprint_running);
	nest(j, "footprint", in);
	add_size(j, "align", m->align);
	add_addr(j, "preferred", m->preferred);
	in = begin();
	add_addr(&in, "min", m->limit_min);
	add_addr(&in, "max", m->limit_max);
	nest(j, "limits", in);
	add(j, "relocatable", json_object_new_boolean(m->relocatable));
	add_str(j, "how", image_how_name(m->how));
}

static void add_entries(struct json *j, const struct image *m)
{
	struct json in = begin();

	add_addr(&in, "64", m->entry64);
	add_addr(&in, "32", m->entry32);
	add_addr(&in, "16", m->entry16);
	add_addr(&in, "pvh", m->entry_pvh);
	nest(j, "entries", in);
}

/* Each kind once. */
static void add_parts(struct json *j, const struct image *m)
{
	struct json_object *list = json_object_new_array();

	for (enum image_part_kind k = 0; list && k < PART_KINDS; k++) {
		struct json_object *name = NULL;

		if (k == PART_KERNEL || !parts_find(&m->parts, k))
			continue;
		name = json_object_new_string(part_name(k));
		if (!name || json_object_array_add(list, name)) {
			json_object_put(name);
			j->bad = true;
		}
	}
	add(j, "parts", list);
}

static void add_notes(struct json *j, const struct image *m)
{
	struct json_object *list = json_object_new_array();

	for (unsigned i = 0; list && i < m->nnotes; i++) {
		struct json in = begin();

		add_str(&in, "name", m->notes[i].name);
		add(&in, "type", json_object_new_uint64(m->notes[i].type));
		add(&in, "size", json_object_new_uint64(m->notes[i].size));
		if (!in.obj || json_object_array_add(list, in.obj)) {
			json_object_put(in.obj);
			in.bad = true;
		}
		j->bad = j->bad || in.bad;
	}
	add(j, "notes", list);
}

static void add_facts(struct json *j, const struct image *m)
{
	char id[IMAGE_BUILD_ID_HEX];

	image_build_id(m, id);
	add_str(j, "format", image_format_name(m->format));
	add_str(j, "arch", m->arch);
	if (m->arch)
		add(j, "bits", json_object_new_int((int)m->bits));
	else
		add_null(j, "bits");
	add_str(j, "endian", !m->arch ? NULL : m->big ? "big" : "little");
	add_str(j, "version", m->version);
	add_str(j, "compression", image_compression_name(m->compression));
	add_payload(j, m);
	add_size(j, "unpacked_size", m->unpacked_size);
	add_memory(j, m);
	add_entries(j, m);
	add_str(j, "build_id", id);
	add_parts(j, m);
	add_notes(j, m);
}

int image_view_json(const struct image_view *v, struct buf *out)
{
	struct json j = begin();
	char crash[48];
	const char *text;
	int r = -ENOMEM;

	image_crashkernel(v, crash);
	add(&j, "schema", json_object_new_int(1));
	add_text(&j, "file", span_of(v->file, strlen(v->file)));
	add_facts(&j, v->image);
	if (v->line.len)
		add_text(&j, "cmdline", v->line);
	else
		add_null(&j, "cmdline");
	add_str(&j, "crashkernel", crash);
	if (v->kernel) {
		struct json in = begin();

		add_facts(&in, v->kernel);
		nest(&j, "kernel", in);
	} else {
		add_null(&j, "kernel");
	}
	text = j.bad ? NULL : json_object_to_json_string_ext(j.obj, JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text)
		r = buf_printf(out, "%s\n", text);
	json_object_put(j.obj);
	return r;
}

int image_json(const struct image *m, const char *file, struct buf *out)
{
	const struct image_view v = {.file = file, .image = m};

	return image_view_json(&v, out);
}
