/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/codec.h"
#include "core/fuzz.h"

enum { LIMIT = 1 << 16 };

/* The first byte chooses the codec. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = size ? span_of(data + 1, size - 1) : span_of(NULL, 0);
	enum codec c = size ? data[0] % CODEC_COUNT : CODEC_UNKNOWN;
	struct buf out = BUF_INIT, again = BUF_INIT;
	struct err err = ERR_INIT;
	size_t used = 0, same = 0;
	int r = codec_unpack(c, in, LIMIT, &out, &used, &err);

	assert(r == 0 || r == -ENOTSUP || r == -EBADMSG || r == -EFBIG || r == -ENOMEM);
	assert(!r == !err.text[0]);
	if (r) {
		assert(!out.len && !used);
	} else {
		/* What it says it took is all it needs, and a limit that just fits does no harm. */
		assert(used && used <= in.len && out.len <= LIMIT);
		assert(!codec_unpack(c, span_sub(in, 0, used), out.len, &again, &same, NULL));
		assert(same == used && again.len == out.len);
		assert(!out.len || !memcmp(again.ptr, out.ptr, out.len));
	}
	buf_done(&out);
	buf_done(&again);
	return 0;
}
