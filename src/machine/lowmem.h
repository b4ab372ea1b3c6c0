/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the linear map of a 32-bit kernel ends: what lies behind is highmem, which has no address
 * of its own.
 */
#pragma once
#include "machine/machine.h"

/*
 * The first page frame of highmem as /proc/zoneinfo tells (mm/vmstat.c, zoneinfo_show_print); 0 if
 * there is none.
 */
uint64_t lowmem_parse(struct span zoneinfo);

/*
 * The first physical address behind lowmem: from @zoneinfo, else from /proc/kcore, which lists only
 * lowmem; else on arm what the kernel leaves for vmalloc at the top of its addresses. 0 if it
 * cannot be told, and on 64-bit CPUs.
 */
uint64_t lowmem_end(const struct machine *m, struct span zoneinfo);
