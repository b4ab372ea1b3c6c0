/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that only takes notes, for tests: BATON_FAKE_KERNEL=DIR. Every call appends one JSON
 * object to DIR/calls.jsonl, what it would have loaded goes to DIR/segNN.bin (nothing of a segment
 * of 1 GiB and more), and its errno (a name or a number) is read from DIR/errno.<call>.
 * DIR/log.<call> is appended to DIR/kmsg, as if the kernel had said it. DIR/zero.<call> names a
 * file that shall hold 0 after the call. With DIR/strict, facts of another machine are refused as
 * by the real one. After a successful load the sysroot is not changed: a test sets its kexec_loaded
 * itself.
 */
#pragma once
#include "host/sys.h"

struct fake_kernel {
	char dir[4096], kmsg[4200];
	unsigned next_seg;
};

/* 0 | -ENOENT: BATON_FAKE_KERNEL is not set or no folder. @out lives as long as @k. */
int sys_fake(struct fake_kernel *k, struct host_sys *out);
