/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real-mode setup code of a bzImage as it must lie to be entered: docs/formats/setup16.md;
 * boot.rst, "Loading The Rest of The Kernel", "Sample Boot Configuration".
 */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "image/image.h"

enum {
	SETUP16_HEAP_END = 0xe000, /* code and heap, then a stack that grows down from here */
	SETUP16_SIZE = 0x10000,    /* the command line behind them; one segment of real mode */
};

struct setup16_in {
	const struct image *image;
	uint64_t kernel_at;             /* the protected-mode code, below 4 GiB */
	struct span cmdline;            /* without a NUL */
	uint64_t initrd_at, initrd_len; /* below 4 GiB; len 0 = none */
};

/*
 * Append what lies at the physical address @at, which is below 1 MiB. 0 | -ENOTSUP: protocol before
 * 2.02 (the command line's field), or setup code without room for its heap | -EINVAL: a command
 * line that does not fit | -ENOMEM.
 */
int setup16_write(const struct setup16_in *in, uint64_t at, struct buf *out, struct err *err);
