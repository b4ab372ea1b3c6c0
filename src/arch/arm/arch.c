/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/arm/arm.h"
#include "arch/arm/reloc.h"
#include "elf/format.h"

/*
 * Before Linux 5.12 (4d62e81b60d4) machine_kexec() writes the addresses to jump to into
 * relocate_new_kernel, which is kernel text.
 */
static const char *jump_fault(const char *release)
{
	if (!release[0] || boot_release_from(release, 5, 12))
		return NULL;
	return "writes into its own code to jump; where that is read-only "
	       "(CONFIG_STRICT_KERNEL_RWX, DEBUG_RODATA) the jump may end in an oops (mended in "
	       "5.12)";
}

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
	.jump_fault = jump_fault,
};
