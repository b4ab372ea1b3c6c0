/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzz targets of all formats assert alike. */
#pragma once
#include "core/fuzz.h"
#include "image/render.h"

static inline void fuzz_inside(struct span s, struct span file)
{
	assert(!s.ptr || (s.ptr >= file.ptr && s.ptr + s.len <= file.ptr + file.len));
}

/* A parser's answer @r: who refuses says why, and who does not know the format is silent. */
static inline void fuzz_answer(int r, const struct err *err)
{
	assert(r == 0 || r == -ENOEXEC || r == -EBADMSG || r == -ENOTSUP);
	assert((r == -EBADMSG || r == -ENOTSUP) == (err->text[0] != 0));
}

/* The same, where damage alone is refused, at a place in the file. */
static inline void fuzz_damage(int r, const struct err *err, size_t size)
{
	fuzz_answer(r, err);
	assert(r != -ENOTSUP && (r != -EBADMSG || (err->has_offset && err->offset <= size)));
}

/* Whatever the numbers, the version ends, the text ends its lines and the JSON is one object. */
static inline void fuzz_shown(const struct image *m)
{
	struct buf text = BUF_INIT, json = BUF_INIT;

	assert(memchr(m->version, 0, sizeof(m->version)));
	assert(!image_text(m, "a", &text) && text.ptr[text.len - 1] == '\n');
	assert(!image_json(m, "a", &json) && !memcmp(json.ptr + json.len - 2, "}\n", 2));
	buf_done(&text);
	buf_done(&json);
}

/* A container as an image, @r of its parser: as sound as what was read of it, with the same parts.
 */
static inline void fuzz_container(const struct image *m, int r, int read, struct span file)
{
	assert(r == read);
	if (r)
		return;
	for (unsigned i = 0; i < m->parts.n; i++)
		assert(m->parts.v[i].data.len && m->parts.v[i].data.ptr >= file.ptr);
	if (m->payload_size)
		assert(parts_find(&m->parts, PART_KERNEL)->data.ptr == file.ptr + m->payload_off);
}

/* What arch/ relies on, of a raw Image: sums of the header's numbers stay below 2^49. */
static inline void fuzz_raw_image(const struct image *m, size_t size)
{
	assert(m->li.text_offset + m->li.image_size < 1ull << 49);
	assert(!m->li.image_size || m->footprint_running >= size);
	assert(m->li.page_size == 0 || m->li.page_size == 4096 || m->li.page_size == 16384 ||
	       m->li.page_size == 65536);
	fuzz_shown(m);
}
