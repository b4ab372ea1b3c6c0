/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "image/render.h"
#include "image/zimage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The image lies in the file; known sizes cover each other; all can be shown. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image m;
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT, json = BUF_INIT;
	int r = zimage_parse(span_of(data, size), &m, &err);

	assert(r == 0 || r == -ENOEXEC || r == -EBADMSG);
	assert((r == -EBADMSG) == (err.text[0] != 0));
	if (r)
		return 0;
	assert(m.zi.image_size && m.zi.image_size <= size);
	assert(!m.unpacked_size == !m.footprint_unpacking);
	assert(m.footprint_unpacking >= m.footprint_running);
	assert(m.footprint_running >= m.unpacked_size);
	assert(!image_text(&m, "a", &text) && text.ptr[text.len - 1] == '\n');
	assert(!image_json(&m, "a", &json) && !memcmp(json.ptr + json.len - 2, "}\n", 2));
	buf_done(&text);
	buf_done(&json);
	return 0;
}
