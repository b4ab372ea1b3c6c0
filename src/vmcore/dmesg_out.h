/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From records to lines, for the three log formats. Private to vmcore/dmesg*.c. */
#pragma once
#include "vmcore/dmesg.h"

/* Descriptors, infos and texts are read side by side, each mostly forwards: one window for each. */
enum dmesg_stream { DMESG_DESCS, DMESG_INFOS, DMESG_TEXT, DMESG_STREAMS };

struct dmesg_window {
	uint64_t va;
	size_t len;
	uint8_t bytes[1 << 16];
};

struct dmesg_out {
	const struct dump *d;
	unsigned flags;
	dmesg_emit_fn *emit;
	void *ctx;
	struct dmesg_stats *stats;
	struct dmesg_window *windows; /* DMESG_STREAMS of them */
	struct buf line;              /* being built */
	int r;                        /* the first failure; nothing is emitted after it */
};

struct dmesg_record {
	uint64_t ts_nsec;
	bool has_caller;
	uint32_t caller; /* bit 31: a CPU, else a thread */
	uint8_t facility, level;
	bool prefix;      /* begins a line */
	bool newline;     /* ends it */
	struct span text; /* may hold newlines */
};

/* All lines of one record, each with the prefix; control characters and bytes that are no UTF-8 as
 * \xNN. */
int dmesg_put(struct dmesg_out *o, const struct dmesg_record *r);

/* A line of ours between the kernel's, in parentheses. */
int dmesg_remark(struct dmesg_out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A long (4 or 8 bytes) or a 32-bit integer of the dumped machine. */
uint64_t dmesg_uint(const struct dmesg_out *o, const uint8_t *at, unsigned bytes);
unsigned dmesg_long(const struct dmesg_out *o);
int dmesg_bytes(struct dmesg_out *o, enum dmesg_stream s, uint64_t va, void *buf, size_t len);
int dmesg_read_uint(const struct dmesg_out *o, uint64_t va, unsigned bytes, uint64_t *value);

/* The formats; each expects its symbols in vmcoreinfo. */
int dmesg_prb(struct dmesg_out *o, struct err *err);
int dmesg_records(struct dmesg_out *o, struct err *err);
int dmesg_flat(struct dmesg_out *o, struct err *err);
