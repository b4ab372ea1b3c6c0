/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/iomem: the tree of physical addresses as the running kernel sees it. One line per node,
 * "START-END : NAME", END inclusive, two blanks per level. Source: kernel/resource.c, r_show(), of
 * Linux 6.1.
 */
#pragma once
#include "machine/machine.h"
#include "machine/text.h"

struct iomem_entry {
	struct range at;
	unsigned depth;   /* 0 = top level; r_show() never goes beyond 8 */
	struct span name; /* borrows the text */
};

struct iomem {
	struct span rest;
	size_t total; /* bytes of the whole text */
	unsigned line;
};

struct iomem iomem_open(struct span text);

/*
 * 1: @out is the next entry | 0: the end | -EBADMSG: a line that no kernel writes (@err has its
 * number and offset). An entry for the last byte of the 64-bit space loses that byte
 * (base/range.h).
 */
int iomem_next(struct iomem *it, struct iomem_entry *out, struct err *err);

/*
 * Fill addresses_hidden, ram, system_ram, crash, kernel and alias of @m (empty before; after a
 * failure they may hold parts).
 *
 * ram: "System RAM" less every child but the running kernel's own and the crash regions: whatever
 * else the kernel shows inside RAM is reserved by someone ("reserved" in either case, devices).
 * system_ram: the same ranges with all of their children, and memory that a driver added, "System
 * RAM (kmem)". Its owner may take that away, so the next kernel never lies in it, but a dump holds
 * it (kernel/resource.c, IORESOURCE_SYSRAM_DRIVER_MANAGED). "System RAM (boot alias)" and "Crash
 * kernel (boot alias)" are second addresses of the same bytes (arch/arm/kernel/setup.c): they
 * belong to neither, but to alias.
 *
 * @map, unless it is NULL, gets the firmware's map as far as it shows here: every entry whose name
 * is one of the firmware's types; a reserved child of System RAM is MEM_RESERVED. For machines
 * without /sys/firmware/memmap. As memmap_settle() leaves it.
 *
 * -EBADMSG: a damaged line or no entry at all | -ENOMEM.
 */
int iomem_facts(struct span text, struct machine *m, struct mem_map *map, struct err *err);

/*
 * /sys/kernel/kexec/crash_cma_ranges (Linux 6.19, kernel/kexec_core.c): lines "START-END", END
 * inclusive. @out (empty) is normal. -EBADMSG | -ENOMEM.
 */
int iomem_cma_ranges(struct span text, struct range_list *out, struct err *err);
