/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of a machine from its device tree (/sys/firmware/fdt), for CPUs whose /proc/iomem does
 * not tell it all. What the blob says is in fdt/tree.h; here it becomes the facts of machine.h.
 */
#pragma once
#include "machine/machine.h"

/*
 * Fill firmware, ram, system_ram, crash and, where they are empty, cpus and cmdline of @m (after a
 * failure it is as it was).
 *
 * system_ram: the memory nodes, merged, less what the tree forbids to map. ram: the same less every
 * reservation of the tree. The initrd that the running kernel was booted with is not reserved: it
 * was freed long ago. crash: ppc64's linux,crashkernel-base and -size. cpus: threads that are
 * available.
 *
 * @blob is aligned to 8 bytes. 0 | -ENOEXEC: no device tree (@err untouched) | -EBADMSG: damaged |
 * -ENOTSUP: no memory in it (an EFI machine's), or as tree_open() | -ENOMEM.
 */
int dt_facts(struct span blob, struct machine *m, struct err *err);
