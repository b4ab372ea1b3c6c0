/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What struct handoff's args mean to the riscv64 purgatory. */
#define RISCV_ARG_DTB 0 /* physical address of the device tree: a1 at the entry */
#define RISCV_ARG_ISA 1 /* RISCV_ISA_*: what every hart has beyond RV64IMAC */

#define RISCV_ISA_ZKNH (1u << 0) /* instructions for SHA-256 */
