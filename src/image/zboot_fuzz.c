/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/image_fuzz.h"
#include "image/payload.h"
#include "image/zboot.h"

/* The payload lies in the file, and unpacks to what was said or not at all. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image m;
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	int r = zboot_parse(span_of(data, size), &m, &err);

	fuzz_answer(r, &err);
	if (r)
		return 0;
	assert(m.payload_size && m.payload_off + m.payload_size <= size);
	assert(image_codec(m.compression) != CODEC_UNKNOWN);
	r = image_payload(&m, 1 << 20, &out, &err);
	assert(r <= 0 && (r || !m.unpacked_size || out.len == m.unpacked_size));
	buf_done(&out);
	return 0;
}
