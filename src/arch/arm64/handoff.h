/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What struct handoff's args mean to the arm64 purgatory. Freestanding. */
#pragma once

enum arm64_arg {
	ARM64_ARG_DTB,   /* physical address: x0 at the entry */
	ARM64_ARG_IMAGE, /* where the purgatory itself lies, and */
	ARM64_ARG_SIZE,  /* its bytes, stack and tables included; both whole pages */
	ARM64_ARG_PSCI,  /* enum psci: how the machine is reset */
	/* What the next kernel needs of the CPU: its page size in bytes (0 = not told), and
	 * ARM64_BIG where it runs big-endian. */
	ARM64_ARG_KERNEL,
};

#define ARM64_BIG 1u
