/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "image/bzimage.h"
#include "image/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever the version and the sizes, the text ends its lines and the JSON is one object. */
static void check_rendering(const struct image *m)
{
	struct buf text = BUF_INIT, json = BUF_INIT;

	assert(!image_text(m, "a", &text) && text.ptr[text.len - 1] == '\n');
	assert(!image_json(m, "a", &json) && !memcmp(json.ptr + json.len - 2, "}\n", 2));
	buf_done(&text);
	buf_done(&json);
}

/* What a parsed image promises to arch/: everything named lies inside the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_of(data, size);
	struct image m;
	struct err err = ERR_INIT;
	int r = bzimage_parse(file, &m, &err);
	struct image probed;

	/* One that is probed earlier may claim the same bytes; but somebody knows them. */
	assert(r == -ENOEXEC || image_parse(file, &probed, NULL) != -ENOEXEC);
	assert(r == 0 || r == -ENOEXEC || r == -EBADMSG || r == -ENOTSUP);
	assert((r == 0 || r == -ENOEXEC) == (err.text[0] == 0));
	if (r)
		return 0;
	assert(m.bz.setup_bytes < size);
	assert(m.bz.header_end <= 0x281 && m.bz.header_end <= m.bz.setup_bytes);
	assert(m.payload_size == 0 || span_sub(file, m.payload_off, m.payload_size).ptr);
	assert(m.payload_size == 0 || m.payload_off > m.bz.setup_bytes);
	assert(memchr(m.version, 0, sizeof(m.version)));
	assert(m.preferred && m.preferred + m.bz.init_size >= m.preferred);
	assert(!m.relocatable || (m.align && !(m.align & (m.align - 1))));
	assert(m.bits == (m.entry64 ? 64 : 32));
	check_rendering(&m);
	return 0;
}
