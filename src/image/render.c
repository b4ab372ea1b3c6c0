/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/render.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "core/escape.h"

static const char *endian(const struct image *m)
{
	return m->big ? "big" : "little";
}

enum { BUILD_ID_HEX = 2 * sizeof(((struct image *)0)->build_id) + 1 };

static void hex_of_build_id(const struct image *m, char out[BUILD_ID_HEX])
{
	out[0] = 0;
	for (unsigned i = 0; i < m->build_id_len && i < sizeof(m->build_id); i++)
		snprintf(out + 2 * i, 3, "%02x", m->build_id[i]);
}

static int text_build_id(const struct image *m, struct buf *out)
{
	char id[BUILD_ID_HEX];

	hex_of_build_id(m, id);
	return id[0] ? buf_printf(out, "build id     %s\n", id) : 0;
}

static int text_payload(const struct image *m, struct buf *out)
{
	const char *comp = image_compression_name(m->compression);
	int r = 0;

	if (!m->payload_size)
		return 0;
	r = buf_printf(out, "payload      %s, %" PRIu64 " bytes at 0x%" PRIx64,
		       comp ? comp : "unknown", m->payload_size, m->payload_off);
	if (!r && m->unpacked_size)
		r = buf_printf(out, ", %" PRIu64 " unpacked", m->unpacked_size);
	return r ? r : buf_puts(out, "\n");
}

static int text_room(const struct image *m, struct buf *out)
{
	int r = buf_printf(out, "relocatable  %s (%s)\n", m->relocatable ? "yes" : "no",
			   image_how_name(m->how));

	if (!r)
		r = m->preferred ? buf_printf(out, "preferred    0x%" PRIx64, m->preferred)
				 : buf_puts(out, "preferred    none");
	if (!r && m->align)
		r = buf_printf(out, ", aligned to 0x%" PRIx64, m->align);
	if (!r)
		r = buf_printf(out, "\nlimits       0x%" PRIx64 " to ", m->limit_min);
	if (!r)
		r = m->limit_max ? buf_printf(out, "0x%" PRIx64 "\n", m->limit_max)
				 : buf_puts(out, "the end of memory\n");
	if (!r && m->footprint_unpacking)
		r = buf_printf(out, "needs        %" PRIu64 " bytes while it unpacks\n",
			       m->footprint_unpacking);
	if (!r && m->footprint_running)
		r = buf_printf(out, "needs        %" PRIu64 " bytes to run\n",
			       m->footprint_running);
	return r;
}

/* What only one format has. */
static int text_own(const struct image *m, struct buf *out)
{
	int r = 0;

	if (m->format == IMAGE_LINUX_IMAGE) {
		r = buf_printf(out, "offset       0x%" PRIx64 " from a boundary of 2 MiB%s\n",
			       m->li.text_offset, m->li.anywhere ? "" : ", as low as RAM allows");
		if (!r && m->li.page_size)
			r = buf_printf(out, "page size    %u\n", m->li.page_size);
	} else if (m->format == IMAGE_ZIMAGE && m->zi.text_offset) {
		r = buf_printf(out, "offset       unpacks 0x%x behind the start of RAM\n",
			       m->zi.text_offset);
	}
	return r;
}

static int text_entry(struct buf *out, const char *name, uint64_t at)
{
	return at ? buf_printf(out, "entry %-6s 0x%" PRIx64 "\n", name, at) : 0;
}

int image_text(const struct image *m, const char *file, struct buf *out)
{
	int r = buf_puts(out, "file         ");

	if (!r)
		r = escape_terminal(span_of(file, strlen(file)), out);
	if (!r)
		r = buf_printf(out, "\nformat       %s", image_format_name(m->format));
	if (!r && m->format == IMAGE_BZIMAGE)
		r = buf_printf(out, ", boot protocol %u.%02u", m->bz.protocol >> 8,
			       m->bz.protocol & 0xff);
	if (!r)
		r = buf_printf(out, "\nfor          %s, %u bits, %s-endian\n", m->arch, m->bits,
			       endian(m));
	if (!r && m->version[0])
		r = buf_printf(out, "version      %s\n", m->version);
	if (!r)
		r = text_build_id(m, out);
	if (!r)
		r = text_payload(m, out);
	if (!r)
		r = text_room(m, out);
	if (!r)
		r = text_own(m, out);
	if (!r)
		r = text_entry(out, "64", m->entry64);
	if (!r)
		r = text_entry(out, "32", m->entry32);
	if (!r)
		r = text_entry(out, "16", m->entry16);
	return r ? r : text_entry(out, "pvh", m->entry_pvh);
}

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

/* A path may hold any bytes; JSON is UTF-8. */
static void add_path(struct json *j, const char *key, const char *path)
{
	struct buf clean = BUF_INIT;

	if (escape_utf8(span_of(path, strlen(path)), &clean))
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

int image_json(const struct image *m, const char *file, struct buf *out)
{
	struct json j = begin();
	char id[BUILD_ID_HEX];
	const char *text;
	int r = -ENOMEM;

	add(&j, "schema", json_object_new_int(1));
	add_path(&j, "file", file);
	add_str(&j, "format", image_format_name(m->format));
	add_str(&j, "arch", m->arch);
	add(&j, "bits", json_object_new_int((int)m->bits));
	add_str(&j, "endian", endian(m));
	add_str(&j, "version", m->version);
	add_str(&j, "compression", image_compression_name(m->compression));
	add_payload(&j, m);
	add_size(&j, "unpacked_size", m->unpacked_size);
	add_memory(&j, m);
	add_entries(&j, m);
	hex_of_build_id(m, id);
	add_str(&j, "build_id", id);
	add_parts(&j, m);
	text = j.bad ? NULL : json_object_to_json_string_ext(j.obj, JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text)
		r = buf_printf(out, "%s\n", text);
	json_object_put(j.obj);
	return r;
}
