/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump as a file: a regular file or /proc/vmcore, read in place and never written. */
#pragma once
#include "elf/reader.h"

struct source {
	int fd;
	uint64_t size;
};

#define SOURCE_INIT {.fd = -1}

/* 0 | -EISDIR, -EINVAL (a device or a pipe), or what open(2) says. The reason names the path. */
int source_open(const char *path, struct source *out, struct err *err);
void source_close(struct source *s);

/* @s as bytes for the readers; borrows @s. */
struct elf_io source_io(struct source *s);
