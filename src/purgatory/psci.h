/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How an arm or arm64 purgatory reaches its firmware, told in the handoff: PSCI 1.1 (ARM DEN 0022).
 * Freestanding.
 */
#pragma once

enum psci {
	PSCI_UNKNOWN, /* no device tree says (ACPI) */
	PSCI_HVC,
	PSCI_SMC,
	PSCI_NONE, /* the tree says that there is none */
};

#define PSCI_SYSTEM_RESET 0x84000009u /* 5.10 */
