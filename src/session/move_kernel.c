/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/move_kernel.h"

#include "arch/arch.h"
#include "core/cleanup.h"
#include "core/outfile.h"
#include "load/unwrap.h"
#include "session/files.h"

/* The vmlinux in @file takes its place. */
static int open_containers(struct buf *file, struct err *err)
{
	struct unwrapped u = UNWRAPPED_INIT;
	struct buf inner = BUF_INIT;
	struct span elf;
	int r = unwrap_vmlinux(buf_span(file), &u, &inner, &elf, err);

	if (!r && elf.ptr != file->ptr && !inner.len && buf_add(&inner, elf.ptr, elf.len) < 0)
		r = fail(err, ENOMEM, "no memory for the kernel");
	if (!r && inner.len) {
		buf_done(file);
		*file = buf_take(&inner);
	}
	unwrapped_done(&u);
	buf_done(&inner);
	return r;
}

static int move(struct buf *file, const struct session_relocate *req, struct relocate_result *res,
		struct err *err)
{
	struct image im;
	int r = open_containers(file, err);

	if (r < 0)
		return r;
	r = image_parse(buf_span(file), &im, err);
	if (r < 0)
		return r;
	const struct arch *arch = arch_by_name(im.arch);

	if (im.format != IMAGE_VMLINUX || !arch || !arch->kernel_moves)
		return fail(err, ENOTSUP, "no kernel that can be moved (%s of %s)",
			    image_format_name(im.format), im.arch ? im.arch : "an unknown CPU");
	if (arch->may_move && (req->to.to != im.vm.phys || req->to.has_virtual))
		r = arch->may_move(&im, err);
	return r < 0 ? r : relocate_kernel(file, arch->kernel_moves, &req->to, res, err);
}

int session_relocate(const struct session_relocate *req, struct relocate_result *res,
		     struct err *err)
{
	_cleanup_(buf_done) struct buf file = BUF_INIT;
	_cleanup_(closep) int fd = -1;
	int r = outfile_check(req->out, req->force, err);

	if (!r)
		r = files_read("kernel", req->image, SESSION_KERNEL_MAX, &fd, &file, err);
	if (r < 0)
		return r;
	r = move(&file, req, res, err);
	if (r < 0)
		return wrap_file(err, r, "kernel", req->image);
	return outfile_store(req->out, buf_span(&file), req->force, err);
}

int kernel_move_to(struct buf *file, uint64_t to, struct err *err)
{
	const struct relocate_request req = {.to = to};
	struct relocate_result res;
	struct image im;

	if (image_parse(buf_span(file), &im, NULL) < 0 || im.format != IMAGE_VMLINUX ||
	    im.how != HOW_KEPT_RELOCATIONS)
		return 0;
	const struct arch *arch = arch_by_name(im.arch);

	if (!arch || !arch->kernel_moves || !arch->kernel_moves->one_delta)
		return 0;
	int r = relocate_kernel(file, arch->kernel_moves, &req, &res, err);

	return r < 0 ? wrap(err, r, "--load-address 0x%llx", (unsigned long long)to) : 0;
}
