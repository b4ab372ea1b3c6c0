/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "arch/riscv64/kernel_moves.h"
#include "arch/riscv64/reloc.h"
#include "arch/riscv64/riscv64.h"
#include "elf/format.h"

/*
 * arch/riscv/kernel/elf_kexec.c takes a vmlinux; from Linux 6.16 on kexec_image.c takes an Image
 * too. The kernel that runs decides.
 */
static bool file_load_ok(const struct machine *m, const struct image *image, bool crash,
			 const char **why)
{
	(void)crash;
	if (image->format == IMAGE_VMLINUX)
		return true;
	*why = "before Linux 6.16 it takes only the kernel as an ELF file (vmlinux)";
	return image->format == IMAGE_LINUX_IMAGE && boot_release_from(m->release, 6, 16);
}

/* hvc0 is drivers/tty/hvc/hvc_riscv_sbi.c, sbi is its early console. Every firmware has it. */
static bool console(const struct boot *b, struct span name, struct handoff *h)
{
	(void)b;
	if (name.len &&
	    (name.len < 3 || (memcmp(name.ptr, "hvc", 3) && memcmp(name.ptr, "sbi", 3))))
		return false;
	h->console = HANDOFF_CONSOLE_SBI;
	h->console_addr = 0;
	h->console_stride = 1;
	return true;
}

/* setup_kdump_cmdline() of arch/riscv/kernel/elf_kexec.c, Linux 6.1. */
static uint64_t file_line_max(const struct image *image, bool crash)
{
	(void)image;
	return RISCV64_LINE_MAX - (crash ? BOOT_ELFCOREHDR_LEN : 0);
}

const struct arch arch_riscv64 = {
	.name = "riscv64",
	.kexec_arch = 243ull << 16,
	/* Linux names no limit (arch/riscv/include/asm/kexec.h); the CPU's physical addresses have
	 * 56 bits. */
	.dest_limit = (1ull << 56) - 1,
	.crash = {.elf_machine = EM_RISCV},
	.rules = &riscv64_link_rules,
	.kernel_moves = &riscv64_kernel_moves,
	.purgatory = riscv64_purgatory,
	.uart = ARCH_UART_MEMORY,
	.layout = riscv64_layout,
	.fill = riscv64_fill,
	.device_tree = true,
	.file_load_ok = file_load_ok,
	.file_line_max = file_line_max,
	.console = console,
};
