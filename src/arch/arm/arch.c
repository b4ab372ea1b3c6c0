/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/arm/arm.h"
#include "arch/arm/reloc.h"
#include "elf/format.h"

/* No file_load_ok: Linux has no kexec_file_load on this CPU (arch/arm/Kconfig, 6.1). */
const struct arch arch_arm = {
	.name = "arm",
	.kexec_arch = 40ull << 16,
	.dest_limit = UINT32_MAX, /* KEXEC_DESTINATION_MEMORY_LIMIT: arch/arm/include/asm/kexec.h */
	.crash = {.elf_machine = EM_ARM, .elf32 = true},
	.rules = &arm_link_rules,
	.purgatory = arm_purgatory,
	.uart = ARCH_UART_MEMORY,
	.layout = arm_layout,
	.fill = arm_fill,
	.device_tree = true,
};
