/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/cleanup.h"
#include "fdt/overlay.h"
#include "fdt/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A tree, and behind it the overlay. What comes out is a sound tree, or the tree is as it was. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buf_done) struct buf tree = BUF_INIT;
	struct err err = ERR_INIT;
	struct tree t;
	int r;

	if (buf_add(&tree, data, size) < 0 || tree_open(buf_span(&tree), &t, NULL))
		return 0;
	tree.len = t.blob.len;
	r = overlay_apply(&tree, span_of(data + tree.len, size - tree.len), &err);
	assert(!r || r == -EBADMSG || r == -ENOTSUP);
	assert((r < 0) == (err.text[0] != 0));
	assert(!tree_open(buf_span(&tree), &t, NULL) && t.blob.len == tree.len);
	if (r)
		assert(!memcmp(tree.ptr, data, tree.len));
	return 0;
}
