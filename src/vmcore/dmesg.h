/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel log of a dump: the lockless ring of Linux 5.10 and later, the records of 3.5 to 5.9,
 * or the flat text before (docs/formats/printk.md). Needs the headers and vmcoreinfo alone;
 * streams, with little memory; what cannot be read is counted and said, never fatal.
 */
#pragma once
#include "vmcore/dump.h"

enum dmesg_flags {
	DMESG_LEVELS = 1u << 0, /* "<6>" before each line: facility * 8 + level, as dmesg -r */
	/* "[   T12]": the thread or (C) the CPU that said it, where the log knows. */
	DMESG_CALLERS = 1u << 1,
};

struct dmesg_stats {
	uint64_t records;
	uint64_t overwritten; /* older than the oldest in the ring */
	uint64_t lost;        /* gaps in the numbers, texts without room */
	uint64_t unfinished;  /* being written at the moment of the crash */
	uint64_t damaged;     /* pointing nowhere, or at another record's text */
	bool salvaged;        /* head or tail were wrong: found by looking at every descriptor */
};

/* Takes whole lines, each with its newline. A negative return ends the reading and is passed on. */
typedef int dmesg_emit_fn(void *ctx, const char *line, size_t len);

/*
 * 0 | -ENODATA: vmcoreinfo does not say where the log is, or it is not in the dump (with a reason)
 * | -EBADMSG: what says so makes no sense | -ENOMEM | what @emit returned.
 */
int dmesg_read(const struct dump *d, unsigned flags, dmesg_emit_fn *emit, void *ctx,
	       struct dmesg_stats *stats, struct err *err);
