/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load/load.h"

#include "base/align.h"
#include "core/err.h"

/* What the capture kernel and its user space want beside the loaded pieces: page tables, slab,
 * tmpfs. */
#define RUNNING_SLACK (64ull << 20)
#define STEP          (16ull << 20)

int load_crash_size(const struct machine *m, const struct load_request *req, uint64_t *bytes,
		    struct err *err)
{
	struct image image = {0};
	uint64_t kernel;
	int r = image_parse(req->image, &image, err);

	(void)m;
	if (r < 0)
		return wrap_file(err, r, "kernel", req->image_path);
	kernel = image.footprint_unpacking ? image.footprint_unpacking : image.file.len * 4;
	/* The initrd is there twice for a while: packed, and unpacked into tmpfs at about three
	 * times its size. */
	*bytes = align_up(kernel + (uint64_t)req->initrd.len * 4 + RUNNING_SLACK, STEP);
	return 0;
}
