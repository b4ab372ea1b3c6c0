/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load/load.h"

#include "base/align.h"
#include "core/err.h"
#include "load/unwrap.h"

/* What the capture kernel and its user space want beside the loaded pieces: page tables, slab,
 * tmpfs. */
#define RUNNING_SLACK (64ull << 20)
#define STEP          (16ull << 20)

int load_crash_size(const struct machine *m, const struct load_request *req, uint64_t *bytes,
		    struct err *err)
{
	struct image image = {0};
	enum image_format outer;
	struct buf unpacked = BUF_INIT;
	uint64_t kernel = 0;
	int r = unwrap_kernel(req->image, &unpacked, &image, &outer, err);

	(void)m;
	if (!r) {
		kernel = image.footprint_unpacking ? image.footprint_unpacking
						   : image.footprint_running;
		if (!kernel)
			kernel = image.file.len * 4;
	}
	buf_done(&unpacked);
	if (r < 0)
		return wrap_file(err, r, "kernel", req->image_path);
	/* The initrd is there twice for a while: packed, and unpacked into tmpfs at about three
	 * times its size. */
	*bytes = align_up(kernel + (uint64_t)req->initrd.len * 4 + RUNNING_SLACK, STEP);
	return 0;
}
