/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What struct handoff's args mean to the arm purgatory. */
#define ARM_ARG_R2   0 /* r2 at the entry: physical address of the device tree or the ATAGs */
#define ARM_ARG_PSCI 1 /* enum psci: how the firmware is called */
#define ARM_ARG_SELF 2 /* where the purgatory lies, and its bytes: what it writes is there */
#define ARM_ARG_SIZE 3
