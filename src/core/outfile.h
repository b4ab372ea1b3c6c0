/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that appears whole or not at all: PATH.incomplete is written, synced and renamed to PATH,
 * and the folder synced after it. Mode 0600: a dump holds every secret of its machine.
 */
#pragma once
#include <stdbool.h>
#include "base/span.h"
#include "core/err.h"

struct outfile {
	int fd;
	char *path, *part; /* PATH, PATH.incomplete; owned */
};

#define OUTFILE_INIT {.fd = -1}

/* Before the work: 0 | -EEXIST: there is a @path, and not @replace, or it is no regular file. */
int outfile_check(const char *path, bool replace, struct err *err);

/* Create PATH.incomplete anew; one of an earlier attempt is removed. 0 | -errno, the reason names
 * the file. */
int outfile_open(const char *path, struct outfile *out, struct err *err);
/* All of @data at @off. 0 | -errno without a reason */
int outfile_write(const struct outfile *f, uint64_t off, struct span data);
/*
 * Write it out and give it its name; a PATH that is there is replaced only with @replace. 0 |
 * -errno with a reason, PATH.incomplete stays; -EBUSY: that name is no longer our file's.
 */
int outfile_commit(struct outfile *f, bool replace, struct err *err);
/* Write out what is there and leave it as PATH.incomplete. */
int outfile_leave(struct outfile *f, struct err *err);
/* Remove PATH.incomplete. */
void outfile_remove(struct outfile *f);
/* Close and release; the file stays as it is. */
void outfile_done(struct outfile *f);

/* All of that for @data at once: PATH is whole or not there. */
int outfile_store(const char *path, struct span data, bool replace, struct err *err);
