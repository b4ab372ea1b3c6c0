/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/render.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/escape.h"

void image_build_id(const struct image *m, char out[IMAGE_BUILD_ID_HEX])
{
	out[0] = 0;
	for (unsigned i = 0; i < m->build_id_len && i < sizeof(m->build_id); i++)
		snprintf(out + 2 * i, 3, "%02x", m->build_id[i]);
}

/* crashkernel= takes whole units of the last letter. */
static unsigned long long unit(uint64_t v, const char **letter)
{
	*letter = v & 0xfffff ? "K" : "M";
	return v & 0xfffff ? v >> 10 : v >> 20;
}

void image_crashkernel(const struct image_view *v, char out[48])
{
	const char *of_size, *of_start;
	unsigned long long size = unit(v->crash_size, &of_size);
	unsigned long long start = unit(v->image->preferred, &of_start);

	out[0] = 0;
	if (v->crash_size)
		snprintf(out, 48, "%llu%s@%llu%s", size, of_size, start, of_start);
}

static int text_build_id(const struct image *m, struct buf *out)
{
	char id[IMAGE_BUILD_ID_HEX];

	image_build_id(m, id);
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

static int text_notes(const struct image *m, struct buf *out)
{
	const char *last = "";
	int r = m->nnotes ? buf_puts(out, "notes       ") : 0;

	for (unsigned i = 0; !r && i < m->nnotes; i++) {
		const struct image_note *n = &m->notes[i];

		if (strcmp(n->name, last) != 0)
			r = buf_printf(out, "%s %s", i ? "," : "", n->name);
		if (!r)
			r = buf_printf(out, " %u", n->type);
		last = n->name;
	}
	return r || !m->nnotes ? r : buf_puts(out, "\n");
}

static int text_parts(const struct image *m, struct buf *out)
{
	int r = 0;

	for (unsigned i = 0; !r && i < m->parts.n; i++) {
		const struct image_part *p = &m->parts.v[i];
		const char *comp = image_compression_name(p->compression);

		r = buf_printf(out, "part         %s, %zu bytes", part_name(p->kind), p->data.len);
		if (!r && p->compression > COMP_NONE && comp)
			r = buf_printf(out, ", %s", comp);
		if (!r && p->name.len)
			r = buf_puts(out, ": ");
		if (!r && p->name.len)
			r = escape_terminal(p->name, out);
		if (!r)
			r = buf_puts(out, "\n");
	}
	return r;
}

static int text_entries(const struct image *m, struct buf *out)
{
	int r = text_entry(out, "64", m->entry64);

	if (!r)
		r = text_entry(out, "32", m->entry32);
	if (!r)
		r = text_entry(out, "16", m->entry16);
	return r ? r : text_entry(out, "pvh", m->entry_pvh);
}

static int text_format(const struct image *m, struct buf *out)
{
	int r = buf_printf(out, "format       %s", image_format_name(m->format));

	if (!r && m->format == IMAGE_BZIMAGE)
		r = buf_printf(out, ", boot protocol %u.%02u", m->bz.protocol >> 8,
			       m->bz.protocol & 0xff);
	if (!r)
		r = buf_puts(out, "\n");
	if (!r && m->about[0])
		r = buf_puts(out, "details      ");
	if (!r && m->about[0])
		r = escape_terminal(span_of(m->about, strlen(m->about)), out);
	if (!r && m->about[0])
		r = buf_puts(out, "\n");
	if (!r && m->arch)
		r = buf_printf(out, "for          %s, %u bits, %s-endian\n", m->arch, m->bits,
			       m->big ? "big" : "little");
	return r;
}

/* A kernel. */
static int text_kernel(const struct image *m, struct buf *out)
{
	int r = text_format(m, out);

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
		r = text_entries(m, out);
	if (!r)
		r = text_parts(m, out);
	return r ? r : text_notes(m, out);
}

/* What it holds follows, moved to the right. */
static int text_container(const struct image_view *v, struct buf *out)
{
	struct buf inner = BUF_INIT;
	int r = text_format(v->image, out);

	if (!r)
		r = text_payload(v->image, out);
	if (!r)
		r = text_parts(v->image, out);
	if (!r)
		r = text_kernel(v->kernel, &inner);
	for (const char *s = buf_str(&inner), *end; !r && (end = strchr(s, '\n')); s = end + 1)
		r = buf_printf(out, "  %.*s\n", (int)(end - s), s);
	buf_done(&inner);
	return r;
}

int image_view_text(const struct image_view *v, struct buf *out)
{
	char crash[48];
	int r = buf_puts(out, "file         ");

	image_crashkernel(v, crash);
	if (!r)
		r = escape_terminal(span_of(v->file, strlen(v->file)), out);
	if (!r)
		r = buf_puts(out, "\n");
	if (!r)
		r = v->kernel ? text_container(v, out) : text_kernel(v->image, out);
	if (!r && v->line.len) {
		r = buf_puts(out, "line         ");
		if (!r)
			r = escape_terminal(v->line, out);
		if (!r)
			r = buf_puts(out, "\n");
	}
	if (!r && crash[0])
		r = buf_printf(out,
			       "as capture   fixed: needs a region that holds it, such as "
			       "crashkernel=%s\n",
			       crash);
	return r;
}

int image_text(const struct image *m, const char *file, struct buf *out)
{
	const struct image_view v = {.file = file, .image = m};

	return image_view_text(&v, out);
}
