/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What struct handoff's args mean to the ppc64 purgatory. */
#define PPC64_ARG_DTB      0 /* physical address of the device tree: r3 at the entry */
#define PPC64_ARG_FIRMWARE 1 /* PPC64_FIRMWARE_* */
#define PPC64_ARG_BASE     2 /* of RTAS or OPAL, physical; r8 at the entry under OPAL */
#define PPC64_ARG_ENTRY    3 /* of RTAS or OPAL, physical; r9 at the entry under OPAL */
#define PPC64_ARG_REBOOT   4 /* RTAS token of system-reboot, 0 = none */
#define PPC64_ARG_VECTOR   5 /* 1: the CPU has VMX, VSX and vshasigmaw (Power ISA 2.07) */

#define PPC64_FIRMWARE_NONE 0
#define PPC64_FIRMWARE_RTAS 1
#define PPC64_FIRMWARE_OPAL 2
