/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/cleanup.h"

/* Files in /proc and /sys tell no size; they are read in steps of this. */
#define STEP ((size_t)65536)

static int check_kind(int fd, uint64_t max, size_t *size, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail(err, errno, "%s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fail(err, EISDIR, "is a directory");
	if (!S_ISREG(st.st_mode))
		return fail(err, EINVAL, "is a device or a pipe, not a regular file");
	if ((uint64_t)st.st_size > max)
		return fail(err, EFBIG, "is %llu bytes long, more than the limit of %llu",
			    (unsigned long long)st.st_size, (unsigned long long)max);
	*size = (size_t)st.st_size;
	return 0;
}

int file_read_fd(int fd, uint64_t max, struct buf *out, struct err *err)
{
	return file_append_fd(fd, max, out, err);
}

int file_append_fd(int fd, uint64_t max, struct buf *out, struct err *err)
{
	size_t size = 0, end = 0, base = out->len;
	int r = check_kind(fd, max, &size, err);

	if (r < 0)
		return r;
	for (;;) {
		size_t want = end < size ? size - end : STEP;

		if (buf_reserve(out, want) < 0)
			return fail(err, ENOMEM, "no memory for %zu bytes", end + want);
		if (!end)
			buf_use_huge_pages(out);
		ssize_t n = pread(fd, out->ptr + base + end, want, (off_t)end);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(err, errno, "%s", strerror(errno));
		if (!n)
			break;
		end += (size_t)n;
		out->len = base + end;
		out->ptr[base + end] = 0;
		if (end > max)
			return fail(err, EFBIG, "is longer than the limit of %llu bytes",
				    (unsigned long long)max);
		if (size && end == size)
			break;
	}
	return 0;
}

int file_read(int dirfd, const char *path, uint64_t max, struct buf *out, struct err *err)
{
	/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
	_cleanup_(closep) int fd =
		openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return fail(err, errno, "%s", strerror(errno));
	return file_read_fd(fd, max, out, err);
}

int file_write_all(int fd, struct span data)
{
	while (data.len) {
		ssize_t n = write(fd, data.ptr, data.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data = span_from(data, (uint64_t)n);
	}
	return 0;
}
