/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The crash header of a load, for every CPU: out of the machine's facts and the crash traits of
 * struct arch. A CPU's layout() asks for its size, its fill() for its bytes.
 */
#pragma once
#include "arch/boot.h"

/*
 * The size in bytes of the header that boot_elfcorehdr_build() will write, or what crash hotplug
 * wants for it. Says in the plan's
 * warnings what the header cannot hold. 0 | -EOVERFLOW more program headers than the kernel reads |
 * -ERANGE an address that ELF32 cannot hold | -ENOMEM.
 */
int boot_elfcorehdr_size(struct boot *b, uint64_t *size, struct err *err);

/*
 * True when the running kernel will rewrite this load's crash header by itself, and so no digest
 * may cover it (Documentation/ABI/testing/sysfs-kernel: crash_elfcorehdr_size).
 */
bool boot_crash_hotplug(const struct boot *b);

/* The header itself, once SEG_BACKUP (if there is one) has its place. @out is empty on entry. */
int boot_elfcorehdr_build(const struct boot *b, struct buf *out, struct err *err);

/*
 * The old kernel's RAM below the CPU's backup_end, whole pages, one range: what the purgatory saves
 * before the capture kernel writes there. Empty where the CPU has no such memory.
 */
struct range boot_backup_range(const struct boot *b);
