/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "core/buf.h"
#include "core/err.h"

/*
 * Read a whole file into @out (which must be empty), at most @max bytes. Works for regular files
 * and for /proc and /sys files whose size is unknown; refuses directories, devices, pipes and
 * anything longer than @max with a reason (EISDIR, EINVAL, EFBIG). @dirfd as in openat(2). The
 * reason does not name the path: wrap_file does.
 */
int file_read(int dirfd, const char *path, uint64_t max, struct buf *out, struct err *err);

/* The same from an open descriptor, from its beginning. */
int file_read_fd(int fd, uint64_t max, struct buf *out, struct err *err);

/* The same, behind what @out holds already; on failure a part of the file may stand there. */
int file_append_fd(int fd, uint64_t max, struct buf *out, struct err *err);

/* Write all of @data, continuing after short writes and EINTR. 0 or -errno. */
int file_write_all(int fd, struct span data);
