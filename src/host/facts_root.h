/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The root below which facts are read: the live machine, or a folder that mirrors one. Every read
 * of a fact goes through here, so that a snapshot, which is told of every one of them, holds
 * exactly what was read.
 */
#pragma once
#include "core/buf.h"
#include "core/err.h"

/*
 * Gets a copy of what was read: @path relative to the root, @data at @off of that file. Offset 0
 * begins the file anew (it was read again), SINK_APPEND continues it. 0 or a negative errno.
 */
#define SINK_APPEND UINT64_MAX
struct facts_sink {
	void *ctx;
	int (*put)(void *ctx, const char *path, uint64_t off, struct span data, struct err *err);
};

struct facts_root {
	int fd;
	bool live;        /* the running machine */
	const char *name; /* for messages: "" for the live machine, else the folder; borrowed */
	const struct facts_sink *sink; /* NULL = none */
};

/* @path: NULL, "" or "/" is the live machine. */
int root_open(struct facts_root *root, const char *path, struct err *err);
void root_close(struct facts_root *root);

/*
 * All of these: 1 = read | 0 = the file is not there, or hidden from us, and @out is as it was |
 * negative errno, @err names the file. Paths are relative to the root.
 */
int root_read(const struct facts_root *root, const char *path, uint64_t max, struct buf *out,
	      struct err *err);
/* The first bytes of a long file up to @len; stops at a line's end. */
int root_read_start(const struct facts_root *root, const char *path, size_t len, struct buf *out,
		    struct err *err);
/* A file that holds one number. @base as for text_u64(). -EBADMSG: something else. */
int root_u64(const struct facts_root *root, const char *path, unsigned base, uint64_t *value,
	     struct err *err);
/* Open without reading; the caller closes @fd and reports what it read by root_put(). */
int root_open_file(const struct facts_root *root, const char *path, int *fd, struct err *err);

/*
 * The numbers N of the entries "@prefix""N" of a folder, ascending; an absent folder has none. 0 or
 * negative errno.
 */
struct number_list {
	uint64_t *v;
	size_t n, cap;
};
int root_numbers(const struct facts_root *root, const char *path, const char *prefix,
		 struct number_list *out, struct err *err);

/* Tell the sink, if there is one. */
int root_put(const struct facts_root *root, const char *path, uint64_t off, struct span data,
	     struct err *err);

/* Put "fact 'PATH': " before a reason. Returns @r. */
int root_wrap(const struct facts_root *root, int r, const char *path, struct err *err);

/* True for the errno values that mean "not on this machine" or "not for you". */
bool root_absent(int code);
