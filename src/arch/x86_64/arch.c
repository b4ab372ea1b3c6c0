/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/x86_64/kernel_moves.h"
#include "arch/x86_64/reloc.h"
#include "arch/x86_64/x86.h"
#include "elf/format.h"
#include "image/bzimage.h"

/* arch/x86/kernel/kexec-bzimage64.c, bzImage64_probe(), Linux 6.1 */
static bool file_load_ok(const struct machine *m, const struct image *image, bool crash,
			 const char **why)
{
	const struct bzimage *bz = &image->bz;

	(void)crash;
	if (image->format == IMAGE_BZIMAGE && m->x86.la57 && !(bz->xloadflags & XLF_5LEVEL)) {
		*why = "this machine runs with 5-level paging, and the image cannot be entered so";
		return false;
	}
	*why = "it takes only a relocatable 64-bit bzImage of protocol 2.12 or newer that may lie "
	       "above 4 GiB";
	return image->format == IMAGE_BZIMAGE && bz->protocol >= 0x20c && bz->loaded_high &&
	       (bz->xloadflags & 3) == 3 && bz->relocatable;
}

/*
 * bzImage64_load(), Linux 6.1: it counts the NUL, and 30 bytes for its own elfcorehdr=, without a
 * crash load too.
 */
static uint64_t file_line_max(const struct image *image, bool crash)
{
	const uint64_t own = 1 + BOOT_ELFCOREHDR_LEN;

	(void)crash;
	return image->bz.cmdline_size > own ? image->bz.cmdline_size - own : 0;
}

const struct arch arch_x86_64 = {
	.name = "x86_64",
	.also = "i386",
	.kexec_arch = 62ull << 16,
	.dest_limit = (1ull << 46) - 1, /* MAXMEM of 4-level paging: arch/x86/include/asm/kexec.h */
	/*
	 * The capture kernel starts its CPUs through RAM below 640 KiB, so the old kernel's content
	 * is saved first. Linux since 5.5 (commit 6f599d84231f) reserves this memory itself when
	 * crashkernel= is given, but its content is still part of the old machine.
	 */
	.crash = {.elf_machine = EM_X86_64, .backup_end = 0xa0000},
	.hotplug_flag = 0x4, /* KEXEC_UPDATE_ELFCOREHDR, from 6.6 on: linux/kexec.h */
	.rules = &x86_64_link_rules,
	.kernel_moves = &x86_64_kernel_moves,
	.purgatory = x86_64_purgatory,
	.uart = ARCH_UART_PC,
	.layout = x86_layout,
	.fill = x86_fill,
	.file_load_ok = file_load_ok,
	.file_line_max = file_line_max,
};
