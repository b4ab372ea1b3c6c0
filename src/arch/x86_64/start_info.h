/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hvm_start_info, which the PVH entry of a kernel is handed in %ebx: docs/formats/pvh.md;
 * xen/include/public/arch-x86/hvm/start_info.h (Xen 4.17), version 1.
 */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "machine/machine.h"

/*
 * Linux copies the map into a table of 128 entries without looking (arch/x86/platform/pvh/
 * enlighten.c, Linux 6.1) and adds one.
 */
#define START_INFO_RANGES 127

struct start_info_in {
	const struct mem_map *map; /* memory of the next kernel */
	struct span cmdline;       /* without a NUL */
	uint64_t initrd_at, initrd_len; /* len 0 = none */
	uint64_t rsdp;
};

/* Bytes that it takes with everything it points to, for a command line of @cmdline bytes. */
uint64_t start_info_size(uint64_t cmdline);

/*
 * Append it, as it must lie at the physical address @at: the structure, then module list, memory
 * map and command line. 0 | -ENOTSUP: more than START_INFO_RANGES ranges | -ENOMEM.
 */
int start_info_write(const struct start_info_in *in, uint64_t at, struct buf *out, struct err *err);
