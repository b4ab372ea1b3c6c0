/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/files.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/align.h"
#include "base/ckd.h"
#include "base/put.h"
#include "core/cleanup.h"
#include "core/file.h"
#include "image/uimage.h"

/* A file that is just being written (an initrd, rebuilt) must not be loaded half. */
static int read_unchanged(int fd, uint64_t max, struct buf *out, struct err *err)
{
	struct stat was, is;
	int r = fstat(fd, &was) < 0 ? fail(err, errno, "%s", strerror(errno))
				    : file_append_fd(fd, max, out, err);

	if (r < 0)
		return r;
	if (fstat(fd, &is) < 0)
		return fail(err, errno, "%s", strerror(errno));
	if (is.st_size == was.st_size && is.st_mtim.tv_sec == was.st_mtim.tv_sec &&
	    is.st_mtim.tv_nsec == was.st_mtim.tv_nsec)
		return 0;
	return fail(err, EAGAIN, "changed while it was read");
}

int files_read(const char *what, const char *path, uint64_t max, int *fd, struct buf *out,
	       struct err *err)
{
	size_t before = out->len;
	/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
	int f = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int r = f < 0 ? fail(err, errno, "%s", strerror(errno)) : read_unchanged(f, max, out, err);

	if (!r && out->len == before)
		r = fail_at(err, EBADMSG, 0, "is empty");
	if (r < 0) {
		if (f >= 0)
			close(f);
		return wrap_file(err, r, what, path);
	}
	*fd = f;
	return 0;
}

/* 1: what begins at @start of @out was a uImage, and is its ramdisk now | 0: it is none */
static int unwrap_uimage(size_t start, struct buf *out, struct err *err)
{
	struct uimage u;
	int r = uimage_read(span_from(buf_span(out), start), &u, err);

	if (r == -ENOEXEC)
		return 0;
	if (!r && !u.ramdisk.len)
		r = fail(err, EINVAL,
			 "is a uImage without a ramdisk (type %u): a kernel is given as IMAGE, a "
			 "device tree by '--dtb'",
			 u.type);
	if (r < 0)
		return r;
	memmove(out->ptr + start, u.ramdisk.ptr, u.ramdisk.len);
	out->len = start + u.ramdisk.len;
	out->ptr[out->len] = 0;
	return 1;
}

static int add_one(const char *path, uint64_t max, int *fd, struct buf *out, struct err *err)
{
	size_t start = out->len;
	int r = files_read("initrd", path, max, fd, out, err);

	return r < 0 ? r : wrap_file(err, unwrap_uimage(start, out, err), "initrd", path);
}

int files_initrds(const char *const *paths, size_t n, uint64_t max, int *fd, struct buf *out,
		  struct err *err)
{
	int wrapped = 0;

	*fd = -1;
	for (size_t i = 0; i < n; i++) {
		int r = add_one(paths[i], max, fd, out, err);

		if (!r && n == 1)
			return 0;
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		if (r < 0)
			return r;
		wrapped += r;
		if (n > 1 && buf_zero(out, -out->len & 3) < 0)
			return fail(err, ENOMEM, "no memory");
	}
	return wrapped;
}

int files_module(const char *text, uint64_t max, struct buf *out, struct err *err)
{
	_cleanup_(closep) int fd = -1;
	char path[PATH_MAX];
	size_t len = strcspn(text, " ");

	if (!len || len >= sizeof(path))
		return fail(err, EINVAL, "'--module \"%s\"': does not begin with a file's path",
			    text);
	memcpy(path, text, len);
	path[len] = 0;
	return files_read("module", path, max, &fd, out, err);
}

/* 0 where only reading the file tells its length, or what is wrong with it. */
static uint64_t size_of(const char *path, uint64_t max)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	uint8_t magic[4];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size > max)
		return 0;
	if (pread(fd, magic, 4, 0) == 4 && get_be(magic, 4) == UIMAGE_MAGIC_WORD)
		return 0;
	return (uint64_t)st.st_size;
}

int files_initrds_unread(const char *const *paths, size_t n, uint64_t max, int *fd, struct buf *out,
			 struct err *err)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t size = size_of(paths[i], max);

		if (!size || ckd_add(&total, total, n < 2 ? size : align_up(size, 4)) ||
		    total == SIZE_MAX)
			return files_initrds(paths, n, max, fd, out, err);
	}
	*fd = -1;
	/* Unlike what is written, what calloc gives takes no memory while nobody looks at it. */
	out->ptr = calloc(1, total + 1);
	if (!out->ptr)
		return fail(err, ENOMEM, "no memory for %zu bytes of initrd", total);
	out->len = total;
	out->cap = total + 1;
	return 0;
}
