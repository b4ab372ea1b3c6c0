/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The information that a multiboot kernel is handed in %ebx: docs/formats/multiboot.md; Multiboot
 * Specification 0.6.96, chapter 3.3, and 2.0, chapter 3.6.
 */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "machine/machine.h"

/* What %eax says to a kernel of either version. */
#define MB1_ENTERED 0x2badb002u
#define MB2_ENTERED 0x36d76289u

struct multiboot_info_module {
	uint64_t at, len;
	const char *line; /* its file and what stands behind it */
};

struct multiboot_info_in {
	unsigned version;          /* 1 or 2 */
	const struct mem_map *map; /* memory of the next kernel */
	struct span cmdline;       /* without a NUL; the first word names the kernel */
	const struct multiboot_info_module *modules;
	size_t nmodules;
	bool relocatable; /* version 2: it is told where it was put */
	uint64_t load_base;
};

/*
 * Append it, as it must lie at the physical address @at, with everything it points to. The length
 * depends on no address. 0 | -ENOMEM.
 */
int multiboot_info_write(const struct multiboot_info_in *in, uint64_t at, struct buf *out,
			 struct err *err);

/* The types of information of version 2 that are in it, as bits. */
uint32_t multiboot_info_given(bool relocatable);
