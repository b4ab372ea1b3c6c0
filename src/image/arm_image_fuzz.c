/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "image/arm_image.h"
#include "image/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What arch/ relies on: sums of the header's numbers stay below 2^49, and all can be shown. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image m;
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT, json = BUF_INIT;
	int r = arm_image_parse(span_of(data, size), &m, &err);

	assert(r == 0 || r == -ENOEXEC || r == -EBADMSG);
	assert((r == -EBADMSG) == (err.text[0] != 0));
	assert(r != -EBADMSG || (err.has_offset && err.offset <= size));
	if (r)
		return 0;
	assert(m.li.text_offset + m.li.image_size < 1ull << 49);
	assert(!m.li.image_size || m.footprint_running >= size);
	assert(m.li.page_size == 0 || m.li.page_size == 4096 || m.li.page_size == 16384 ||
	       m.li.page_size == 65536);
	assert(memchr(m.version, 0, sizeof(m.version)));
	assert(!image_text(&m, "a", &text) && text.ptr[text.len - 1] == '\n');
	assert(!image_json(&m, "a", &json) && !memcmp(json.ptr + json.len - 2, "}\n", 2));
	buf_done(&text);
	buf_done(&json);
	return 0;
}
