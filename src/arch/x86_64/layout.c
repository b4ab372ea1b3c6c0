/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First half of the protocol: which pieces there are and where they may lie. */
#include "arch/x86_64/boot_multiboot.h"
#include "arch/x86_64/bootparams.h"
#include "arch/x86_64/handoff.h"
#include "arch/x86_64/setup16.h"
#include "arch/x86_64/start_info.h"
#include "arch/x86_64/x86.h"
#include "base/align.h"

#define MIB  (1ull << 20)
#define GIB1 (1ull << 30)
#define GIB4 (1ull << 32)

/* Longest text of our own parameters: " elfcorehdr=0x" and 16 digits, " nokaslr", " acpi_rsdp=0x"
 * and 16 digits. */
#define OWN_PARAMS_MAX 80

static const struct range low_memory = {0x1000, 0xa0000};

static int add_initrd(struct boot *b, struct err *err)
{
	struct boot_piece *p;
	int r = boot_add_initrd(b, &p, err);

	if (r || !p)
		return r;
	p->place.dir = PLACE_HIGHEST;
	p->place.within.start = MIB;
	/* ext_ramdisk_image carries the upper half, but only with XLF_CAN_BE_LOADED_ABOVE_4G
	 * (boot.rst, xloadflags bit 1). */
	if (x86_above_4g(b)) {
		p->place.why = "anywhere: XLF_CAN_BE_LOADED_ABOVE_4G";
		return 0;
	}
	p->place.within.end = x86_header(b->image).initrd_addr_max + 1;
	p->place.why = "initrd_addr_max";
	return 0;
}

/* A piece of whole pages without protocol limits beyond 4 GiB where the kernel cannot see above it.
 */
static struct boot_piece *add_small(struct boot *b, enum segment_kind kind, const char *what,
				    uint64_t size)
{
	struct boot_piece *p = boot_add_pages(b, kind, what, size);

	if (!p)
		return NULL;
	p->place.within = (struct range){MIB, x86_above_4g(b) ? UINT64_MAX : GIB4};
	p->place.why = x86_above_4g(b) ? "above 1 MiB" : "between 1 MiB and 4 GiB";
	/* In the crash region the kernel takes the low end; everything else keeps out of its way at
	 * the top. */
	p->place.dir = b->crash ? PLACE_HIGHEST : PLACE_LOWEST;
	return p;
}

static int add_boot_params(struct boot *b, struct err *err)
{
	uint64_t line = b->plan->cmdline.len + OWN_PARAMS_MAX + 1;
	uint64_t nodes = x86_setup_data_max(b);

	if (!add_small(b, SEG_BOOT_PARAMS, "boot_params", BP_SIZE + line))
		return boot_no_piece(err);
	if (nodes && !add_small(b, SEG_SETUP_DATA, "setup_data", nodes))
		return boot_no_piece(err);
	return 0;
}

/* docs/formats/pvh.md: the kernel reads it through its first page tables. */
static int add_start_info(struct boot *b, struct err *err)
{
	uint64_t size = start_info_size(b->plan->cmdline.len + OWN_PARAMS_MAX);
	struct boot_piece *p = add_small(b, SEG_OTHER, "start_info", size);

	if (!p)
		return boot_no_piece(err);
	p->place.within.end = b->image->bits == 64 ? GIB1 : b->image->vm.end;
	p->place.why = "in the kernel's first page tables";
	return 0;
}

static int add_crash(struct boot *b, struct err *err)
{
	uint64_t header;
	struct range low = boot_backup_range(b);
	int r = boot_elfcorehdr_size(b, &header, err);

	if (r < 0)
		return r;
	if (!add_small(b, SEG_ELFCOREHDR, "elfcorehdr", header))
		return boot_no_piece(err);
	if (range_empty(low))
		return 0;
	struct boot_piece *p = add_small(b, SEG_BACKUP, "backup", range_size(low));
	if (!p)
		return boot_no_piece(err);
	p->hashed = 0; /* filled by the purgatory, after the check */
	return 0;
}

/* The next kernel starts its other CPUs through a page below 1 MiB (arch/x86/realmode/init.c). */
static int check_trampoline(const struct boot *b, struct err *err)
{
	struct range_list low = {0}, left = {0};
	const struct range first = {0x1000, MIB};
	bool had = false, has = false;

	for (size_t i = 0; i < b->m->firmware.n; i++) {
		struct range r = range_meet(b->m->firmware.v[i].at, first);

		if (b->m->firmware.v[i].kind == MEM_RAM && !range_empty(r) &&
		    ranges_add(&low, r) < 0)
			return fail(err, ENOMEM, "no memory for the memory map");
	}
	ranges_normalise(&low);
	int r = ranges_subtract(&left, &low, &b->avoid);
	for (size_t i = 0; i < left.n; i++)
		has |= align_up(left.v[i].start, 4096) + 4096 <= left.v[i].end;
	had = low.n > 0;
	ranges_done(&low);
	ranges_done(&left);
	if (r < 0)
		return fail(err, ENOMEM, "no memory for the memory map");
	if (had && !has)
		return fail(err, EINVAL,
			    "--avoid leaves no usable page below 1 MiB, where x86 needs one to "
			    "start its CPUs (trampoline)");
	return 0;
}

/* Real mode: one segment, clear of the interrupt table and the BIOS's data in the first page. */
static int add_setup16(struct boot *b, struct err *err)
{
	struct boot_piece *p = add_small(b, SEG_OTHER, "setup code", SETUP16_SIZE);

	if (!p)
		return boot_no_piece(err);
	p->place.within = low_memory;
	p->place.why = "real mode";
	p->place.dir = PLACE_HIGHEST;
	return 0;
}

/* By what the kernel is told everything. */
static int add_info(struct boot *b, struct err *err)
{
	switch (x86_entry(b)) {
	case ENTRY_16:
		return add_setup16(b, err);
	case ENTRY_PVH:
		return add_start_info(b, err);
	case ENTRY_MULTIBOOT:
		return x86_add_multiboot_info(b, err);
	default:
		return add_boot_params(b, err);
	}
}

static void bind_purgatory(struct boot *b)
{
	/* Every mode but one is reached through 32-bit code. */
	const struct range any = {MIB, x86_mode(b) == X86_MODE_64 ? UINT64_MAX : GIB4};

	if (x86_mode(b) == X86_MODE_16)
		boot_bind_purgatory(b, low_memory, "real mode", PLACE_LOWEST);
	else
		boot_bind_purgatory(b, any, "above 1 MiB", b->crash ? PLACE_HIGHEST : PLACE_LOWEST);
}

int x86_layout(struct boot *b, struct err *err)
{
	int r;

	if (b->image->format != IMAGE_BZIMAGE && b->image->format != IMAGE_VMLINUX &&
	    !image_is_multiboot(b->image))
		return fail(err, ENOTSUP,
			    "x86 starts a bzImage, a vmlinux or a multiboot kernel, not a %s",
			    image_format_name(b->image->format));
	r = check_trampoline(b, err);
	if (r < 0)
		return r;
	if (b->m->x86.confidential)
		return fail(err, ENOTSUP,
			    "this is a confidential guest (TDX, SEV-SNP): CPUID and ports in the "
			    "purgatory would reset it; '--syscall file' can load here");
	r = x86_check_entry(b, err);
	if (r < 0)
		return r;
	bind_purgatory(b);
	r = x86_add_kernel(b, err);
	if (!r)
		r = add_initrd(b, err);
	if (!r)
		r = add_info(b, err);
	if (!r && b->crash)
		r = add_crash(b, err);
	return r;
}
