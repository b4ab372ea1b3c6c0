/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `baton inspect` shows. Unknown facts are left out of the text and null in the JSON. Both
 * append to @out. 0 | -ENOMEM.
 */
#pragma once
#include "core/buf.h"
#include "image/image.h"

/* All that is shown of a file. */
struct image_view {
	const char *file;           /* the path as the user gave it */
	const struct image *image;  /* of a container: its own facts, and those of what it holds */
	const struct image *kernel; /* the kernel in a container; NULL = it is none */
	struct span line;           /* the command line that comes with it; empty = none */
	uint64_t crash_size;        /* crashkernel= for a kernel that cannot move; 0 = it can */
};

int image_view_text(const struct image_view *v, struct buf *out); /* lines for a person */
int image_view_json(const struct image_view *v, struct buf *out); /* one object, newline */
/* The same of an image alone. */
int image_text(const struct image *m, const char *file, struct buf *out);
int image_json(const struct image *m, const char *file, struct buf *out);

#define IMAGE_BUILD_ID_HEX (2 * sizeof(((struct image *)0)->build_id) + 1)
void image_build_id(const struct image *m, char out[IMAGE_BUILD_ID_HEX]);
/* "96M@16M"; "" for a kernel that can move. */
void image_crashkernel(const struct image_view *v, char out[48]);
