/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel said while it did something for us: the new records of /dev/kmsg
 * (Documentation/ABI/testing/dev-kmsg). Reading them is a help, never a duty: without the right,
 * nothing comes.
 */
#pragma once
#include "core/buf.h"

/* A descriptor at the end of the log, to be opened before the call; -1 where it cannot be read. */
int kmsg_open(const char *path);

/*
 * Append the records since then that speak of a kernel load, one line each, at most 20.
 * Continuation lines and prefixes are left out, control characters become '?'.
 */
int kmsg_collect(int fd, struct buf *out);
