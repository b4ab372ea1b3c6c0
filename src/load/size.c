/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load/load.h"

#include "base/align.h"
#include "core/err.h"
#include "load/parts.h"

/* What the capture kernel and its user space want beside the loaded pieces: page tables, slab,
 * tmpfs. */
#define RUNNING_SLACK (64ull << 20)
#define STEP          (16ull << 20)

int load_crash_size(const struct machine *m, const struct load_request *req, uint64_t *bytes,
		    struct err *err)
{
	struct unwrapped u = UNWRAPPED_INIT;
	uint64_t kernel = 0, initrd = req->initrd.len;
	int r = unwrap_kernel(req->image, &u, err);

	(void)m;
	if (!r) {
		kernel = u.kernel.footprint_unpacking ? u.kernel.footprint_unpacking
						      : u.kernel.footprint_running;
		if (!kernel)
			kernel = u.kernel.file.len * 4;
	}
	if (!initrd)
		initrd = parts_initrd_size(&u.parts);
	unwrapped_done(&u);
	if (r < 0)
		return wrap_file(err, r, "kernel", req->image_path);
	/* The initrd is there twice for a while: packed, and unpacked into tmpfs at about three
	 * times its size. */
	*bytes = align_up(kernel + initrd * 4 + RUNNING_SLACK, STEP);
	return 0;
}
