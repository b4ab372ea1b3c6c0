/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The copying loop of vmcore_save: bytes from a source that may fail in places to a sparse sink. */
#pragma once
#include <signal.h>
#include "elf/reader.h"

struct copy_sink {
	/* Write all of @buf at @off: 0 or a negative errno. Never called for pages of zeros. */
	int (*write_at)(void *ctx, uint64_t off, const void *buf, size_t len);
	void *ctx;
};

/* @len bytes of the source in place, or NULL where that cannot be had: then they are read. Taken
 * back by the next call. */
typedef const uint8_t *copy_window_fn(void *ctx, uint64_t off, size_t len);

struct copy_job {
	struct elf_io src;      /* src.size bytes are copied */
	copy_window_fn *window; /* with src.ctx; may be NULL */
	struct copy_sink sink;
	const volatile sig_atomic_t *stop;                          /* may be NULL */
	void (*progress)(void *ctx, uint64_t done, uint64_t total); /* may be NULL */
	void *ctx;
};

struct copy_stats {
	uint64_t read, written; /* bytes looked at; bytes that went to the sink */
	uint64_t lost_pages;    /* could not be read; nothing was written there */
	uint64_t first_lost;    /* offset of the first of them */
	int lost_errno;         /* why; positive */
	bool stopped;
};

/*
 * 0, also where pages were lost or the job was stopped | -ENOMEM | what write_at returned (then
 * @stats->read is the offset of the block that did not fit).
 */
int copy_sparse(const struct copy_job *job, struct copy_stats *stats);
