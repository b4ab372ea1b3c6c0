/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the device tree of a machine adds to its facts, for CPUs whose /proc/iomem does not tell it
 * all. What the blob says is in fdt/tree.h and machine/dt_ppc64.h; here it becomes the facts of
 * machine.h.
 */
#pragma once
#include "machine/machine.h"

/*
 * Called when /proc/iomem has been read into @m. After a failure @m is as it was.
 *
 * Where iomem knew the memory, it stays what iomem says: less every reservation of the tree (ram),
 * less what the tree forbids to map (system_ram), with those reservations in the firmware's map.
 * ppc64: the tree's memory, the dynamic one too, as far as iomem knows it; less what the firmware
 * keeps, and ram less everything below the running kernel's end, where kexec takes no segment
 * (arch/powerpc/kexec/core_64.c, machine_kexec_prepare). Where iomem knew none: the tree's.
 *
 * riscv64: a reservation at the very beginning of memory is the firmware's, which the hardware
 * keeps the kernel from reading (PMP), whatever the tree calls it: it is in no list.
 *
 * The initrd that the running kernel was booted with is not reserved: it was freed long ago. cpus
 * and cmdline are filled where they are empty; crash from ppc64's linux,crashkernel-base and -size.
 *
 * @blob is aligned to 8 bytes. 0 | -ENOEXEC: no device tree (@err untouched) | -EBADMSG: damaged |
 * -ENOTSUP: no memory in it nor in iomem, or as tree_open() | -ENOMEM.
 */
int dt_facts(struct span blob, struct machine *m, struct err *err);
