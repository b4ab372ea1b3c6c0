/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/facts_root.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/cleanup.h"
#include "core/file.h"
#include "core/vec.h"
#include "machine/text.h"

#define PATH_LEN    4096
#define NUMBERS_MAX (1u << 20)

int root_open(struct facts_root *root, const char *path, struct err *err)
{
	bool live = !path || !path[0] || !strcmp(path, "/");

	*root = (struct facts_root){.live = live, .name = live ? "" : path};
	root->fd = open(live ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root->fd < 0)
		return wrap_file(err, fail(err, errno, "%s", strerror(errno)), "sysroot",
				 live ? "/" : path);
	return 0;
}

void root_close(struct facts_root *root)
{
	if (root->fd >= 0)
		close(root->fd);
	root->fd = -1;
}

bool root_absent(int code)
{
	static const int codes[] = {ENOENT, ENOTDIR, EACCES,     EPERM, ENODEV,
				    ENXIO,  EIO,     EOPNOTSUPP, ENOSYS};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i] == code)
			return true;
	return false;
}

int root_wrap(const struct facts_root *root, int r, const char *path, struct err *err)
{
	char full[PATH_LEN];

	snprintf(full, sizeof(full), "%s/%s", root->name, path);
	return wrap_file(err, r, "fact", full);
}

int root_put(const struct facts_root *root, const char *path, uint64_t off, struct span data,
	     struct err *err)
{
	return root->sink ? root->sink->put(root->sink->ctx, path, off, data, err) : 0;
}

int root_open_file(const struct facts_root *root, const char *path, int *fd, struct err *err)
{
	struct stat st;

	/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
	*fd = openat(root->fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0 && root_absent(errno))
		return 0;
	if (*fd < 0)
		return root_wrap(root, fail(err, errno, "%s", strerror(errno)), path, err);
	if (!fstat(*fd, &st) && S_ISREG(st.st_mode))
		return 1;
	close(*fd);
	*fd = -1;
	return root_wrap(root, fail(err, EINVAL, "is not a regular file"), path, err);
}

int root_read(const struct facts_root *root, const char *path, uint64_t max, struct buf *out,
	      struct err *err)
{
	_cleanup_(closep) int fd = -1;
	struct buf made = BUF_INIT;
	int r = root_open_file(root, path, &fd, err);

	if (r <= 0)
		return r;
	r = file_read_fd(fd, max, &made, err);
	if (r < 0) {
		buf_done(&made);
		if (root_absent(-r)) {
			if (err)
				*err = (struct err)ERR_INIT;
			return 0;
		}
		return root_wrap(root, r, path, err);
	}
	r = root_put(root, path, 0, buf_span(&made), err);
	if (r < 0) {
		buf_done(&made);
		return r;
	}
	buf_done(out);
	*out = made;
	return 1;
}

/* Up to @len bytes; fewer at the file's end. -errno on failure. */
static ssize_t read_some(int fd, uint8_t *at, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = pread(fd, at + got, len - got, (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static int read_failed(const struct facts_root *root, int code, const char *path, struct err *err)
{
	return root_absent(code)
		       ? 0
		       : root_wrap(root, fail(err, code, "%s", strerror(code)), path, err);
}

int root_read_start(const struct facts_root *root, const char *path, size_t len, struct buf *out,
		    struct err *err)
{
	_cleanup_(closep) int fd = -1;
	int r = root_open_file(root, path, &fd, err);

	if (r <= 0)
		return r;
	if (buf_reserve(out, len) < 0)
		return root_wrap(root, fail(err, ENOMEM, "no memory"), path, err);
	ssize_t n = read_some(fd, out->ptr, len);
	if (n < 0)
		return read_failed(root, (int)-n, path, err);
	const uint8_t *nl = (size_t)n == len ? memrchr(out->ptr, '\n', len) : NULL;

	out->len = nl ? (size_t)(nl + 1 - out->ptr) : (size_t)n;
	out->ptr[out->len] = 0;
	r = root_put(root, path, 0, buf_span(out), err);
	return r < 0 ? r : 1;
}

int root_u64(const struct facts_root *root, const char *path, unsigned base, uint64_t *value,
	     struct err *err)
{
	_cleanup_(closep) int fd = -1;
	uint8_t text[64];
	uint64_t v;
	int r = root_open_file(root, path, &fd, err);

	if (r <= 0)
		return r;
	ssize_t n = read_some(fd, text, sizeof(text));
	if (n < 0)
		return read_failed(root, (int)-n, path, err);
	if (!text_u64(text_trim(span_of(text, (size_t)n)), base, &v))
		return root_wrap(root, fail(err, EBADMSG, "is not a number"), path, err);
	r = root_put(root, path, 0, span_of(text, (size_t)n), err);
	if (r < 0)
		return r;
	*value = v;
	return 1;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int list_numbers(DIR *d, const char *prefix, struct number_list *out)
{
	size_t skip = strlen(prefix);

	for (struct dirent *e; (e = readdir(d));) {
		uint64_t v;

		if (strncmp(e->d_name, prefix, skip) ||
		    !text_u64(span_of(e->d_name + skip, strlen(e->d_name + skip)), 10, &v))
			continue;
		if (out->n == NUMBERS_MAX)
			return -EFBIG;
		if (vec_push(out, v) < 0)
			return -ENOMEM;
	}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_number);
	return 0;
}

int root_numbers(const struct facts_root *root, const char *path, const char *prefix,
		 struct number_list *out, struct err *err)
{
	int fd = openat(root->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && root_absent(errno))
		return 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		int code = errno;

		if (fd >= 0)
			close(fd);
		return root_wrap(root, fail(err, code, "%s", strerror(code)), path, err);
	}
	int r = list_numbers(d, prefix, out);

	closedir(d);
	if (!r)
		return 0;
	vec_done(out);
	return root_wrap(root, fail(err, -r, r == -EFBIG ? "has too many entries" : "no memory"),
			 path, err);
}
