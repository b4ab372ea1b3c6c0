/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/arch.h"
#include "arch/i386/reloc.h"
#include "arch/x86_64/kernel_moves.h"
#include "arch/x86_64/protocol.h"
#include "elf/format.h"

struct span i386_purgatory(void);

static bool file_load_ok(const struct machine *m, const struct image *image, bool crash,
			 const char **why)
{
	(void)m;
	(void)crash;
	(void)image;
	*why = "Linux has no such call on i386";
	return false;
}

const struct arch arch_i386 = {
	.name = "i386",
	.also = "x86_64", /* through its 32-bit entry */
	.kexec_arch = 3ull << 16,
	.dest_limit = (1ull << 32) - 1, /* arch/x86/include/asm/kexec.h: all that it can address */
	.crash = {.elf_machine = EM_386,
		  .elf32 = true,
		  .elf64_if_needed = true,
		  .backup_end = 640ull << 10},
	.hotplug_flag = 0x4, /* as on x86_64: arch/x86/Kconfig, ARCH_SUPPORTS_CRASH_HOTPLUG */
	.rules = &i386_link_rules,
	.kernel_moves = &i386_kernel_moves,
	.purgatory = i386_purgatory,
	.uart = ARCH_UART_PC,
	.layout = x86_layout,
	.fill = x86_fill,
	.file_load_ok = file_load_ok,
};
