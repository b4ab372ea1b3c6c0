/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump as a file: a regular file or /proc/vmcore, read in place and never written. */
#pragma once
#include "elf/reader.h"

struct source {
	int fd;
	uint64_t size;
	bool vmcore;  /* it lies in a proc file system */
	bool is_big;  /* its header says it is little-endian: what is read of it says otherwise */
	void *window; /* mapped now, or NULL */
	size_t window_len;
};

#define SOURCE_INIT {.fd = -1}

/* 0 | -EISDIR, -EINVAL (a device or a pipe), or what open(2) says. The reason names the path. */
int source_open(const char *path, struct source *out, struct err *err);
void source_close(struct source *s);

/* @s as bytes for the readers; borrows @s. */
struct elf_io source_io(struct source *s);

/*
 * @len bytes of /proc/vmcore mapped at a page-aligned @off, until the next call or source_close;
 * NULL where that cannot be. The kernel maps the old memory in one go, without a fault later
 * (fs/proc/vmcore.c, mmap_vmcore): a page that is not there fails here and not by SIGBUS. A regular
 * file gives no such promise and is never mapped.
 */
const uint8_t *source_window(void *source, uint64_t off, size_t len);
