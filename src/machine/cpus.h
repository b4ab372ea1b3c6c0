/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel tells about its CPUs, as text: /sys/devices/system/cpu/present and /proc/cpuinfo.
 */
#pragma once
#include "core/err.h"
#include "core/vec.h"
#include "machine/text.h"

#define CPU_MAX 65536u /* far above any NR_CPUS (8192 on x86_64 and s390x) */

struct cpu_list VEC_BODY(uint32_t);

/*
 * "0-3,8" (lib/bitmap.c, %*pbl) -> ascending numbers, at most CPU_MAX of them. An empty text is an
 * empty list. -EBADMSG: no such list, not ascending, or a number >= CPU_MAX | -ENOMEM. @out is
 * empty then.
 */
int cpus_parse(struct span text, struct cpu_list *out, struct err *err);

/* True when the first line "@key : …" of /proc/cpuinfo ("flags" on x86) has the word @flag. */
bool cpuinfo_flag(struct span cpuinfo, const char *key, const char *flag);

/*
 * True when /proc/cpuinfo of the CPU @arch has instructions for SHA-256 that a purgatory may use:
 * x86 sha_ni with ssse3 and sse4_1, ARM's sha2, s390x's msa (KIMD), POWER8's vshasigmaw, riscv64's
 * Zknh (also as part of Zkn and Zk).
 */
bool cpuinfo_sha(struct span cpuinfo, const char *arch);

/*
 * The name (interface.md §3) of the CPU that writes such a /proc/cpuinfo, NULL if it is none we
 * know. Its byte order cannot be seen on ppc64: ppc64le.
 */
const char *cpuinfo_arch(struct span cpuinfo);

/* uname -m -> our name, NULL if unknown. */
const char *cpus_arch_of_uname(const char *machine);
