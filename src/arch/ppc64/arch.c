/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "arch/ppc64/ppc64.h"
#include "arch/ppc64/kernel_moves.h"
#include "arch/ppc64/reloc.h"
#include "arch/ppc64/selfreloc.h"
#include "elf/format.h"

#define KEXEC_ARCH_PPC64 (21ull << 16)
/* Linux has no limit of its own (KEXEC_DESTINATION_MEMORY_LIMIT is -1); MAX_PHYSMEM_BITS is 51. */
#define DEST_LIMIT ((1ull << 51) - 1)
/* What the purgatory saves: Linux arch/powerpc/include/asm/crashdump-ppc64.h, BACKUP_SRC_SIZE. */
#define BACKUP_END 0x10000

/* arch/powerpc/kexec/elf_64.c and kernel/kexec_elf.c, Linux 6.1: no other image is known there. */
static bool file_load_ok(const struct machine *m, const struct image *image, bool crash,
			 const char **why)
{
	*why = "it takes only an ELF vmlinux of the running kernel's byte order";
	if (image->format != IMAGE_VMLINUX || strcmp(image->arch, m->arch))
		return false;
	*why = "for a crash it takes only a relocatable kernel: this one would move to 0, over the "
	       "memory to be saved";
	return !crash || image->vm.run_at_load;
}

/* setup_kdump_cmdline() of arch/powerpc/kexec/file_load.c, Linux 6.1. */
static uint64_t file_line_max(const struct image *image, bool crash)
{
	(void)image;
	return PPC64_LINE_MAX - (crash ? BOOT_ELFCOREHDR_LEN : 0);
}

const struct arch arch_ppc64le = {
	.name = "ppc64le",
	.also = "ppc64",
	.kexec_arch = KEXEC_ARCH_PPC64,
	.hotplug_flag = 0x8, /* KEXEC_CRASH_HOTPLUG_SUPPORT, from 6.11 on: linux/kexec.h */
	.hotplug_tree = true,
	.dest_limit = DEST_LIMIT,
	/* e_flags: the version of the ABI (ELFv2). */
	.crash = {.elf_machine = EM_PPC64, .elf_flags = 2, .backup_end = BACKUP_END},
	.rules = &ppc64le_link_rules,
	.kernel_moves = &ppc64_kernel_moves,
	.may_move = ppc64_may_move,
	.purgatory = ppc64le_purgatory,
	.layout = ppc64_layout,
	.fill = ppc64_fill,
	.device_tree = true,
	.finish = ppc64_finish,
	.file_load_ok = file_load_ok,
	.file_line_max = file_line_max,
	.console = ppc64_console,
};

const struct arch arch_ppc64 = {
	.name = "ppc64",
	.also = "ppc64le",
	.kexec_arch = KEXEC_ARCH_PPC64,
	.hotplug_flag = 0x8, /* KEXEC_CRASH_HOTPLUG_SUPPORT, from 6.11 on: linux/kexec.h */
	.hotplug_tree = true,
	.dest_limit = DEST_LIMIT,
	.crash = {.elf_machine = EM_PPC64, .big = true, .backup_end = BACKUP_END},
	.rules = &ppc64_link_rules,
	.kernel_moves = &ppc64_kernel_moves,
	.may_move = ppc64_may_move,
	.purgatory = ppc64_purgatory,
	.layout = ppc64_layout,
	.fill = ppc64_fill,
	.device_tree = true,
	.finish = ppc64_finish,
	.file_load_ok = file_load_ok,
	.file_instead = ppc64_file_instead,
	.file_line_max = file_line_max,
	.console = ppc64_console,
};
