/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/outfile.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/cleanup.h"

int outfile_check(const char *path, bool replace, struct err *err)
{
	struct stat old;

	if (lstat(path, &old) < 0)
		return 0; /* what is wrong with its folder shows when the file is created */
	if (!S_ISREG(old.st_mode))
		return fail(err, EEXIST, "'%s' exists and is no regular file", path);
	if (!replace)
		return fail(err, EEXIST, "'%s' exists (--force replaces it)", path);
	return 0;
}

int outfile_open(const char *path, struct outfile *out, struct err *err)
{
	struct outfile f = OUTFILE_INIT;

	f.path = strdup(path);
	if (!f.path || asprintf(&f.part, "%s.incomplete", path) < 0) {
		free(f.path);
		return fail(err, ENOMEM, "no memory for a file name");
	}
	/* O_EXCL after unlink: never through a link or into a device that lies there. */
	if (unlink(f.part) == 0 || errno == ENOENT)
		f.fd = open(f.part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f.fd < 0) {
		int r = fail(err, errno, "cannot create '%s': %s", f.part, strerror(errno));

		outfile_done(&f);
		return r;
	}
	*out = f;
	return 0;
}

int outfile_write(const struct outfile *f, uint64_t off, struct span data)
{
	while (data.len) {
		ssize_t n = pwrite(f->fd, data.ptr, data.len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		off += (uint64_t)n;
		data = span_from(data, (uint64_t)n);
	}
	return 0;
}

/* A file system that cannot sync a folder (EINVAL) is left to itself. */
static int sync_folder(const char *path)
{
	_cleanup_(freep) char *copy = strdup(path);
	char *slash = copy ? strrchr(copy, '/') : NULL;

	if (!copy)
		return -ENOMEM;
	if (slash)
		slash[slash == copy] = 0;
	_cleanup_(closep) int fd = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL && errno != EROFS))
		return -errno;
	return 0;
}

int outfile_leave(struct outfile *f, struct err *err)
{
	int r = fsync(f->fd) < 0 ? -errno : sync_folder(f->path);

	if (r < 0)
		return fail(err, -r, "cannot write out '%s': %s", f->part, strerror(-r));
	return 0;
}

/* The name may have gone to another file meanwhile: a second save to the same place, or malice. */
static int check_name(const struct outfile *f, struct err *err)
{
	struct stat ours, named;

	if (fstat(f->fd, &ours) < 0 || lstat(f->part, &named) < 0)
		return fail(err, errno, "'%s' is gone: %s", f->part, strerror(errno));
	if (ours.st_dev != named.st_dev || ours.st_ino != named.st_ino)
		return fail(err, EBUSY, "'%s' was replaced by someone else", f->part);
	return 0;
}

/* Old kernels and some file systems know no RENAME_NOREPLACE. */
static int rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	return errno == EINVAL || errno == ENOSYS ? rename(from, to) : -1;
}

int outfile_commit(struct outfile *f, bool replace, struct err *err)
{
	if (fsync(f->fd) < 0)
		return fail(err, errno, "cannot write out '%s': %s", f->part, strerror(errno));
	int q = check_name(f, err);

	if (q < 0)
		return q;
	if ((replace ? rename(f->part, f->path) : rename_new(f->part, f->path)) < 0)
		return fail(err, errno, "cannot rename '%s' to '%s': %s", f->part, f->path,
			    strerror(errno));
	int r = sync_folder(f->path);

	if (r < 0)
		return fail(err, -r, "cannot sync the folder of '%s': %s", f->path, strerror(-r));
	return 0;
}

void outfile_remove(struct outfile *f)
{
	if (f->fd >= 0)
		unlink(f->part);
}

void outfile_done(struct outfile *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f->part);
	*f = (struct outfile)OUTFILE_INIT;
}

int outfile_store(const char *path, struct span data, bool replace, struct err *err)
{
	struct outfile f = OUTFILE_INIT;
	int r = outfile_open(path, &f, err);

	if (r < 0)
		return r;
	r = outfile_write(&f, 0, data);
	if (r < 0)
		r = fail(err, -r, "cannot write '%s': %s", f.part, strerror(-r));
	else
		r = outfile_commit(&f, replace, err);
	if (r < 0)
		outfile_remove(&f);
	outfile_done(&f);
	return r;
}
