/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First half of the protocol: which pieces there are and where they may lie. */
#include <stdio.h>
#include <string.h>

#include "arch/x86_64/bootparams.h"
#include "arch/x86_64/x86.h"
#include "base/align.h"

#define MIB  (1ull << 20)
#define GIB4 (1ull << 32)

/* Longest text of our own parameters: " elfcorehdr=0x" and 16 digits, " nokaslr", " acpi_rsdp=0x"
 * and 16 digits. */
#define OWN_PARAMS_MAX 80

/* --load-address: the decompressor moves a kernel that lies below pref_address or off its alignment
 * (head_64.S). */
static int check_load_address(const struct boot *b, struct err *err)
{
	const struct bzimage *bz = &b->image->bz;
	uint64_t at = b->req->load_address;

	if (!bz->relocatable && at != b->image->preferred)
		return fail(err, EINVAL,
			    "--load-address 0x%llx: the kernel is not relocatable, it runs at "
			    "0x%llx only",
			    (unsigned long long)at, (unsigned long long)b->image->preferred);
	if (at < b->image->preferred)
		return fail(err, EINVAL,
			    "--load-address 0x%llx: below the kernel's pref_address 0x%llx, it "
			    "would move itself there",
			    (unsigned long long)at, (unsigned long long)b->image->preferred);
	if (!align_is(at, b->image->align))
		return fail(err, EINVAL,
			    "--load-address 0x%llx: not a multiple of kernel_alignment 0x%llx",
			    (unsigned long long)at, (unsigned long long)b->image->align);
	return 0;
}

/*
 * A 32-bit kernel must lie, with all that it unpacks to, in the memory that it maps for good
 * (arch/x86/mm/init_32.c): where that of the running kernel ends, or with 3 GiB for processes and
 * 128 MiB for vmalloc, as most are built.
 */
static uint64_t lowmem_end(const struct boot *b)
{
	return b->m->lowmem_end ? b->m->lowmem_end : 896 * MIB;
}

static int add_kernel(struct boot *b, struct err *err)
{
	const struct image *im = b->image;
	struct boot_piece *k = boot_add(b, SEG_KERNEL, "kernel");

	if (!k)
		return boot_no_piece(err);
	k->borrowed = span_from(im->file, im->bz.setup_bytes);
	k->hashed = k->borrowed.len; /* behind it lie bss and room to unpack: the kernel writes
					those itself */
	k->place.size = im->footprint_unpacking;
	if (!k->place.size) {
		/* Before protocol 2.10 nothing tells: the last resort, and said so. */
		k->place.size = (uint64_t)k->borrowed.len * 8;
		if (plan_warn(b->plan,
			      "protocol %u.%02u does not tell how much memory the kernel unpacks "
			      "to: 8 times its size is kept free",
			      im->bz.protocol >> 8, im->bz.protocol & 0xff) < 0)
			return fail(err, ENOMEM, "no memory for a warning");
	}
	k->place.align = im->align > b->m->page_size ? im->align : b->m->page_size;
	k->place.within = (struct range){im->preferred, x86_above_4g(b) ? UINT64_MAX : GIB4};
	k->place.why = "pref_address";
	if (!strcmp(im->arch, "i386")) {
		k->place.within.end = lowmem_end(b);
		k->place.why = "between pref_address and the end of lowmem";
	}
	k->place.prefer = true;
	k->place.preferred = im->preferred;
	if (!im->relocatable) {
		k->place.fixed = true;
		k->place.why = "not relocatable";
	}
	if (!b->req->has_load_address)
		return 0;
	k->place.fixed = true;
	k->place.preferred = b->req->load_address;
	k->place.why = "--load-address";
	return check_load_address(b, err);
}

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
	p->place.within.end = b->image->bz.initrd_addr_max + 1;
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

/* Before protocol 2.12 a bzImage does not tell that it is an x86_64 kernel. */
static int warn_of_32_bits(const struct boot *b, struct err *err)
{
	if (b->image->entry64 || b->req->arch->crash.elf32)
		return 0;
	if (plan_warn(b->plan, "the kernel names no 64-bit entry: it is entered in 32-bit mode, "
			       "below 4 GiB") < 0)
		return fail(err, ENOMEM, "no memory for a warning");
	return 0;
}

int x86_layout(struct boot *b, struct err *err)
{
	int r;

	if (b->image->format != IMAGE_BZIMAGE)
		return fail(err, ENOTSUP, "x86_64 starts a bzImage, not a %s",
			    image_format_name(b->image->format));
	r = check_trampoline(b, err);
	if (r < 0)
		return r;
	if (b->m->x86.confidential)
		return fail(err, ENOTSUP,
			    "this is a confidential guest (TDX, SEV-SNP): CPUID and ports in the "
			    "purgatory would reset it; '--syscall file' can load here");
	if (b->req->entry == ENTRY_64 && b->req->arch->crash.elf32)
		return fail(err, ENOTSUP, "a 32-bit kernel cannot hand over to a 64-bit entry");
	if (b->req->entry == ENTRY_64 && !b->image->entry64)
		return fail(err, ENOTSUP, "the kernel has no 64-bit entry (xloadflags bit 0)");
	if (b->req->entry == ENTRY_64 && !x86_takes_paging(b))
		return fail(err, ENOTSUP,
			    "this machine runs with 5-level paging, and the kernel's 64-bit entry "
			    "takes 4-level only (xloadflags bit 5); '--entry 32' avoids it");
	if (b->req->entry == ENTRY_32 && !b->image->entry32)
		return fail(err, ENOTSUP, "the kernel has no 32-bit entry");
	r = warn_of_32_bits(b, err);
	if (r < 0)
		return r;
	boot_bind_purgatory(b, (struct range){MIB, x86_above_4g(b) ? UINT64_MAX : GIB4},
			    "above 1 MiB", b->crash ? PLACE_HIGHEST : PLACE_LOWEST);
	r = add_kernel(b, err);
	if (!r)
		r = add_initrd(b, err);
	if (!r)
		r = add_boot_params(b, err);
	if (!r && b->crash)
		r = add_crash(b, err);
	return r;
}
