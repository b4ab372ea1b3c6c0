/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/arm64/arm64.h"
#include "arch/arm64/kernel_moves.h"
#include "arch/arm64/reloc.h"
#include "elf/format.h"

/* arch/arm64/kernel/kexec_image.c, image_probe() and image_load(), Linux 6.1. */
static bool file_load_ok(const struct machine *m, const struct image *image, bool crash,
			 const char **why)
{
	(void)m;
	(void)crash;
	*why = "it takes only an Image whose header tells its image_size (Linux 3.17 or newer)";
	return image->format == IMAGE_LINUX_IMAGE && image->li.image_size;
}

/* The kernel asks for nothing: what the next one reads. */
static uint64_t file_line_max(const struct image *image, bool crash)
{
	(void)image;
	(void)crash;
	return ARM64_LINE_MAX;
}

const struct arch arch_arm64 = {
	.name = "arm64",
	.kexec_arch = 183ull << 16,
	/* The kernel sets none (arch/arm64/include/asm/kexec.h); no CPU has more bits than 52. */
	.dest_limit = (1ull << 52) - 1,
	.crash = {.elf_machine = EM_AARCH64},
	.rules = &arm64_link_rules,
	.kernel_moves = &arm64_kernel_moves,
	.purgatory = arm64_purgatory,
	.uart = ARCH_UART_MEMORY,
	.layout = arm64_layout,
	.fill = arm64_fill,
	.device_tree = true,
	.file_load_ok = file_load_ok,
	.file_line_max = file_line_max,
};
