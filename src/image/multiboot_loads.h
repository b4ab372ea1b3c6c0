/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a multiboot kernel is loaded where: by ELF, or by the addresses in its header. */
#pragma once
#include "image/multiboot.h"

/* Of the header; 0 in load_end: to the file's end; 0 in bss_end: no bss. */
struct mb_addresses {
	bool given, entry_given;
	uint32_t header, load, load_end, bss_end, entry;
};

/*
 * Fill in by_addresses, loads, low, end and entry of @m, whose header is known.
 * 0 | -EBADMSG | -ENOTSUP: more than MULTIBOOT_LOADS_MAX loads, or above 4G.
 */
int multiboot_read_loads(struct span file, const struct mb_addresses *a, struct multiboot *m,
			 struct err *err);
