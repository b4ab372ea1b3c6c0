/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load/size.h"

#include "base/align.h"
#include "core/err.h"
#include "load/load.h"
#include "load/parts.h"

/* What the capture kernel and its user space want beside the loaded pieces: page tables, slab,
 * tmpfs. */
#define RUNNING_SLACK (64ull << 20)
#define STEP          (16ull << 20)

uint64_t size_of_kernel(const struct image *image)
{
	return image->footprint_unpacking ? image->footprint_unpacking : image->footprint_running;
}

uint64_t load_crash_room(const struct image *kernel, uint64_t initrd)
{
	uint64_t room = size_of_kernel(kernel);

	if (!room)
		room = kernel->file.len * 4;
	/* The initrd is there twice for a while: packed, and unpacked into tmpfs at about three
	 * times its size. */
	return align_up(room + initrd * 4 + RUNNING_SLACK, STEP);
}

int load_crash_size(const struct machine *m, const struct load_request *req, struct crash_room *out,
		    struct err *err)
{
	struct unwrapped u = {.choice = &req->choice};
	uint64_t initrd = req->initrd.len, room;
	int r = unwrap_kernel(req->image, &u, err);

	if (r < 0)
		return wrap_file(err, r, "kernel", req->image_path);
	if (!initrd)
		initrd = parts_initrd_size(&u.parts);
	room = load_crash_room(&u.kernel, initrd);
	out->at = u.kernel.how == HOW_FIXED || req->entry == ENTRY_PVH ? u.kernel.preferred : 0;
	unwrapped_done(&u);
	if (m->mem_total && room >= m->mem_total)
		return fail(err, ENOSPC,
			    "a crash kernel region of 0x%llx bytes is more than the machine has",
			    (unsigned long long)room);
	out->bytes = room;
	return 0;
}
