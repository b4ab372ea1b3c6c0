/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/move_kernel.h"

#include <string.h>
#include <sys/stat.h>

#include "arch/arch.h"
#include "core/cleanup.h"
#include "image/payload.h"
#include "load/unwrap.h"
#include "session/files.h"
#include "vmcore/outfile.h"

static int check_out(const struct session_relocate *req, struct err *err)
{
	struct stat old;

	if (lstat(req->out, &old) < 0)
		return 0; /* what is wrong with its folder shows when the file is created */
	if (!S_ISREG(old.st_mode))
		return fail(err, EEXIST, "'%s' exists and is no regular file", req->out);
	if (!req->force)
		return fail(err, EEXIST, "'%s' exists (--force replaces it)", req->out);
	return 0;
}

/* The vmlinux in @file takes its place. */
static int open_containers(struct buf *file, struct err *err)
{
	struct unwrapped u = UNWRAPPED_INIT;
	struct buf inner = BUF_INIT;
	int r = unwrap_kernel(buf_span(file), &u, err);

	if (r < 0)
		return r;
	if (u.kernel.format == IMAGE_BZIMAGE)
		r = image_payload(&u.kernel, UNWRAP_MAX, &inner, err);
	else if (u.kernel.format != IMAGE_VMLINUX)
		r = fail(err, ENOTSUP,
			 "is a kernel (%s), but holds no vmlinux: only an ELF kernel can be moved",
			 image_format_name(u.kernel.format));
	else if (u.kernel.file.ptr != file->ptr || u.kernel.file.len != file->len)
		r = buf_add(&inner, u.kernel.file.ptr, u.kernel.file.len);
	unwrapped_done(&u);
	if (r < 0) {
		buf_done(&inner);
		return r;
	}
	if (inner.len) {
		buf_done(file);
		*file = buf_take(&inner);
	}
	return 0;
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
			    image_format_name(im.format), im.arch);
	if (arch->may_move && (req->to.to != im.vm.phys || req->to.has_virtual))
		r = arch->may_move(&im, err);
	return r < 0 ? r : relocate_kernel(file, arch->kernel_moves, &req->to, res, err);
}

static int write_out(const struct session_relocate *req, struct span kernel, struct err *err)
{
	struct outfile f;
	int r = outfile_open(req->out, &f, err);

	if (r < 0)
		return r;
	r = outfile_write(&f, 0, kernel);
	if (r < 0)
		r = fail(err, -r, "cannot write '%s': %s", f.part, strerror(-r));
	else
		r = outfile_commit(&f, req->force, err);
	if (r < 0)
		outfile_remove(&f);
	outfile_done(&f);
	return r;
}

int session_relocate(const struct session_relocate *req, struct relocate_result *res,
		     struct err *err)
{
	_cleanup_(buf_done) struct buf file = BUF_INIT;
	_cleanup_(closep) int fd = -1;
	int r = check_out(req, err);

	if (!r)
		r = files_read("kernel", req->image, SESSION_KERNEL_MAX, &fd, &file, err);
	if (r < 0)
		return r;
	r = move(&file, req, res, err);
	if (r < 0)
		return wrap_file(err, r, "kernel", req->image);
	return write_out(req, buf_span(&file), err);
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
