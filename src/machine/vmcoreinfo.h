/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of the VMCOREINFO note: lines KEY=VALUE. Sources of Linux 6.1: kernel/crash_core.c and
 * the VMCOREINFO_* macros of include/linux/crash_core.h.
 */
#pragma once
#include <stdbool.h>
#include "base/span.h"

/* The value behind the first line "@key="; NULL ptr if there is none. */
struct span vmcoreinfo_get(struct span text, const char *key);

/*
 * The same as a number. SYMBOL(…), KERNELOFFSET and s390's IDENTITYBASE, KERNELOFFPHYS,
 * SAMODE31 and EAMODE31 are hexadecimal without a prefix, all others
 * decimal, or hexadecimal behind 0x. A negative NUMBER(…) comes as its two's complement. False if
 * absent or no number.
 */
bool vmcoreinfo_u64(struct span text, const char *key, uint64_t *value);
