/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `baton crcs` does: the CRCs of a kernel file, and how they differ from a Module.symvers. */
#pragma once
#include "core/buf.h"
#include "elf/crc.h"
#include "elf/symvers.h"
#include "load/unwrap.h"

struct crcs {
	struct crc_list list; /* borrows the bytes below */
	struct buf file, payload;
	struct unwrapped unwrapped;
};

#define CRCS_INIT                                                                                  \
	{                                                                                          \
		.unwrapped = UNWRAPPED_INIT                                                        \
	}

/*
 * The kernel file @path: an ELF vmlinux, packed or not, or any container that holds one. @out is
 * CRCS_INIT, and to be released. The reason of a failure names the file.
 */
int session_crcs(const char *path, struct crcs *out, struct err *err);
void crcs_done(struct crcs *c);

/* A symbol with two CRCs, or one side where only the other has it. */
struct crc_difference {
	struct span name;
	bool has_have, has_want; /* at least one */
	uint32_t have, want;
};

struct crc_differences {
	struct crc_difference *v; /* sorted by name; borrow from @c and from @text */
	size_t n, cap, same;
	struct buf text;
};

/* @have against the Module.symvers @path. @out is zeros, and to be released. */
int session_crcs_compare(const struct crcs *have, const char *path, struct crc_differences *out,
			 struct err *err);
void crc_differences_done(struct crc_differences *d);
