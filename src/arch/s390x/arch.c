/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "arch/s390x/kernel_moves.h"
#include "arch/s390x/reloc.h"
#include "arch/s390x/s390.h"

/* arch/s390/kernel/kexec_image.c and kexec_elf.c, Linux 6.1: whatever is no ELF file is an image.
 */
static bool file_load_ok(const struct machine *m, const struct image *image, bool crash,
			 const char **why)
{
	(void)m;
	(void)crash;
	*why = "it takes only the flat image of s390x";
	return image->format == IMAGE_S390_IMAGE;
}

/*
 * The SCLP speaks to whatever console the hypervisor shows: the operator's (ttyS0, ttysclp0), the
 * ASCII one (ttyS1, ttysclp1), or both.
 */
static bool console(const struct boot *b, struct span name, struct handoff *h)
{
	static const char *const ours[] = {"ttyS", "ttysclp", "sclp"};
	bool known = !name.len;

	(void)b;
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		size_t n = strlen(ours[i]);

		known |= name.len >= n && !memcmp(name.ptr, ours[i], n);
	}
	if (known)
		h->console = HANDOFF_CONSOLE_SCLP;
	return known;
}

/*
 * kexec_file_add_components() of arch/s390/kernel/machine_kexec_file.c, Linux 6.1, wants a byte
 * more than line and NUL.
 */
static uint64_t file_line_max(const struct image *image, bool crash)
{
	(void)crash;
	return image->s390.cmdline_max > 2 ? image->s390.cmdline_max - 2 : 0;
}

const struct arch arch_s390x = {
	.name = "s390x",
	.kexec_arch = 22ull << 16,
	/* asm/kexec.h: no limit; a range has no room for the last byte of all. */
	.dest_limit = UINT64_MAX - 1,
	.rules = &s390x_link_rules,
	.kernel_moves = &s390x_kernel_moves,
	.purgatory = s390x_purgatory,
	.layout = s390_layout,
	.fill = s390_fill,
	.file_load_ok = file_load_ok,
	.file_line_max = file_line_max,
	.console = console,
};
