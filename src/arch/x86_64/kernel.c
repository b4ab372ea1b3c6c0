/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/x86_64/kernel.h"

#include <string.h>

#include "arch/x86_64/boot_multiboot.h"
#include "arch/x86_64/handoff.h"
#include "arch/x86_64/x86.h"
#include "base/align.h"
#include "image/vmlinux.h"

#define MIB  (1ull << 20)
#define GIB4 (1ull << 32)

/* boot.rst, "64-bit boot protocol": 0x200 bytes behind the start of the protected-mode code. */
#define ENTRY64_OFF 0x200
#define ENTRY16_OFF 0x200 /* of the setup code: behind the boot sector */

enum { COMMAND_LINE_SIZE = 2048 }; /* arch/x86/include/asm/setup.h, with the NUL */

struct bzimage x86_header(const struct image *im)
{
	bool is64 = im->bits == 64;

	if (im->format == IMAGE_BZIMAGE)
		return im->bz;
	if (image_is_multiboot(im))
		return (struct bzimage){.cmdline_size = UINT32_MAX};
	return (struct bzimage){
		.protocol = 0x20f,
		.cmdline_size = COMMAND_LINE_SIZE - 1,
		.initrd_addr_max = UINT32_MAX,
		.xloadflags = is64 ? XLF_KERNEL_64 | XLF_CAN_BE_LOADED_ABOVE_4G : 0,
		.pref_address = im->vm.phys,
		.init_size = im->vm.end - im->vm.phys,
		.loaded_high = true,
	};
}

enum boot_entry x86_entry(const struct boot *b)
{
	const struct image *im = b->image;

	if (b->req->entry != ENTRY_AUTO)
		return b->req->entry;
	if (image_is_multiboot(im))
		return ENTRY_MULTIBOOT;
	/* A 32-bit kernel hands over without 64-bit mode. */
	if (im->entry64 && !b->req->arch->crash.elf32)
		return ENTRY_64;
	return im->entry32 || !im->entry_pvh ? ENTRY_32 : ENTRY_PVH;
}

static int check_64(const struct boot *b, struct err *err)
{
	if (b->req->arch->crash.elf32)
		return fail(err, ENOTSUP, "a 32-bit kernel cannot hand over to a 64-bit entry");
	if (b->image->entry64)
		return 0;
	return fail(err, ENOTSUP, "the kernel has no 64-bit entry (%s)",
		    b->image->format == IMAGE_BZIMAGE ? "xloadflags bit 0" : "ELF32");
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

/* The setup code asks the BIOS, in memory below 1 MiB. */
static int check_16(const struct boot *b, struct err *err)
{
	if (!b->image->entry16)
		return fail(err, ENOTSUP, "the kernel has no real-mode entry; a bzImage has one");
	if (b->crash)
		return fail(err, ENOTSUP,
			    "the real-mode entry needs memory below 1 MiB, which a crash kernel "
			    "has not");
	if (b->m->x86.efi)
		return fail(err, ENOTSUP,
			    "this machine was started by EFI: there is no BIOS that the kernel's "
			    "real-mode code could ask");
	return 0;
}

int x86_check_entry(struct boot *b, struct err *err)
{
	if (image_is_multiboot(b->image))
		return x86_check_multiboot(b, err);
	switch (x86_entry(b)) {
	case ENTRY_64:
		return check_64(b, err);
	case ENTRY_32:
		if (b->image->entry32)
			return warn_of_32_bits(b, err);
		return fail(err, ENOTSUP, "the kernel has no 32-bit entry%s",
			    b->image->entry_pvh ? "; it has one for PVH ('--entry pvh')" : "");
	case ENTRY_16:
		return check_16(b, err);
	case ENTRY_PVH:
		if (b->image->entry_pvh)
			return 0;
		return fail(err, ENOTSUP, "the kernel has no PVH entry (%s)",
			    b->image->format == IMAGE_VMLINUX
				    ? "no note XEN_ELFNOTE_PHYS32_ENTRY"
				    : "only a vmlinux can have one that is reached");
	default:
		return fail(err, ENOTSUP, "this kernel is not entered that way ('--entry')");
	}
}

bool x86_above_4g(const struct boot *b)
{
	return x86_entry(b) == ENTRY_64 &&
	       (x86_header(b->image).xloadflags & XLF_CAN_BE_LOADED_ABOVE_4G);
}

/* --load-address: the decompressor moves a kernel that lies below pref_address or off its alignment
 * (head_64.S). */
static int check_load_address(const struct boot *b, const struct place *k, bool movable,
			      struct err *err)
{
	uint64_t at = b->req->load_address;

	if (!movable && at != b->image->preferred)
		return fail(err, EINVAL,
			    "--load-address 0x%llx: the kernel is not relocatable, it runs at "
			    "0x%llx only",
			    (unsigned long long)at, (unsigned long long)b->image->preferred);
	if (at < b->image->preferred)
		return fail(err, EINVAL,
			    "--load-address 0x%llx: below the kernel's pref_address 0x%llx, it "
			    "would move itself there",
			    (unsigned long long)at, (unsigned long long)b->image->preferred);
	if (!align_is(at, k->align))
		return fail(err, EINVAL,
			    "--load-address 0x%llx: not a multiple of kernel_alignment 0x%llx",
			    (unsigned long long)at, (unsigned long long)k->align);
	return 0;
}

/*
 * Most 32-bit kernels: 1 GiB from PAGE_OFFSET on, less 128 MiB for vmalloc, less 32 MiB for what is
 * always mapped: kmap, LDT, entry areas of 64 CPUs, fixmap (asm/pgtable_32_areas.h).
 */
#define LOWMEM_ASSUMED (864 * MIB)
#define ASSUMED        "assumed: PAGE_OFFSET 3 GiB, vmalloc reserve 128 MiB"

static uint64_t lowmem_end(const struct boot *b)
{
	return b->m->lowmem_end ? b->m->lowmem_end : LOWMEM_ASSUMED;
}

/*
 * A 32-bit kernel must lie, with all that it unpacks to, in the memory that it maps for good
 * (arch/x86/mm/init_32.c). No image tells where that ends: it is as with the running kernel.
 */
static int bind_to_lowmem(const struct boot *b, struct place *k, struct err *err)
{
	k->within.end = lowmem_end(b);
	k->why = "up to lowmem's end: the running kernel's PAGE_OFFSET, vmalloc reserve";
	if (b->m->lowmem_end)
		return 0;
	k->why = "up to lowmem's end, " ASSUMED;
	if (!buf_printf(&b->plan->explain,
			"kernel: where lowmem ends is not told: 0x%llx, " ASSUMED "\n",
			(unsigned long long)k->within.end))
		return 0;
	return fail(err, ENOMEM, "no memory for the plan");
}

static int size_bzimage(struct boot *b, struct boot_piece *k, struct err *err)
{
	const struct image *im = b->image;

	k->borrowed = span_from(im->file, im->bz.setup_bytes);
	k->hashed = k->borrowed.len; /* behind it lie bss and room to unpack: the kernel writes
					those itself */
	k->place.size = im->footprint_unpacking;
	if (k->place.size)
		return 0;
	/* Before protocol 2.10 nothing tells: the last resort, and said so. */
	k->place.size = (uint64_t)k->borrowed.len * 8;
	if (plan_warn(b->plan,
		      "protocol %u.%02u does not tell how much memory the kernel unpacks "
		      "to: 8 times its size is kept free",
		      im->bz.protocol >> 8, im->bz.protocol & 0xff) < 0)
		return fail(err, ENOMEM, "no memory for a warning");
	return 0;
}

/*
 * A vmlinux lies where it was linked, but for the 64-bit entry, which finds out where it is
 * (head_64.S, phys_base). The PVH entry of the same kernel does not, before Linux 6.11.
 */
static bool is_movable(const struct boot *b)
{
	return b->image->relocatable &&
	       (b->image->format == IMAGE_BZIMAGE || x86_entry(b) == ENTRY_64);
}

int x86_add_kernel(struct boot *b, struct err *err)
{
	const struct image *im = b->image;
	struct boot_piece *k;
	int r = 0;

	if (image_is_multiboot(im))
		return x86_add_multiboot_kernel(b, err);
	k = boot_add(b, SEG_KERNEL, "kernel");
	if (!k)
		return boot_no_piece(err);
	k->place.size = im->vm.end - im->vm.phys;
	k->hashed = im->vm.file_end - im->vm.phys;
	if (im->format == IMAGE_BZIMAGE)
		r = size_bzimage(b, k, err);
	if (r < 0)
		return r;
	k->place.align = im->align > b->m->page_size ? im->align : b->m->page_size;
	if (im->format == IMAGE_VMLINUX && is_movable(b) && k->place.align < 2 * MIB)
		k->place.align = 2 * MIB;
	k->place.within = (struct range){im->preferred, x86_above_4g(b) ? UINT64_MAX : GIB4};
	k->place.why = im->format == IMAGE_BZIMAGE ? "pref_address" : "the address it is linked at";
	if (!strcmp(im->arch, "i386"))
		r = bind_to_lowmem(b, &k->place, err);
	if (r < 0)
		return r;
	k->place.prefer = true;
	k->place.preferred = im->preferred;
	if (!is_movable(b)) {
		k->place.fixed = true;
		k->place.why = "not relocatable";
		/* It is where it is; what it is linked for needs no more than pages. */
		k->place.align = b->m->page_size;
	}
	if (!b->req->has_load_address)
		return 0;
	k->place.fixed = true;
	k->place.preferred = b->req->load_address;
	k->place.why = "--load-address";
	return check_load_address(b, &k->place, is_movable(b), err);
}

int x86_fill_kernel(struct boot *b, struct err *err)
{
	struct boot_piece *k = boot_find(b, SEG_KERNEL);

	if (image_is_multiboot(b->image))
		return x86_fill_multiboot_kernel(b, err);
	if (b->image->format == IMAGE_VMLINUX && vmlinux_memory(b->image, &k->data) < 0)
		return fail(err, ENOMEM, "no memory for the kernel");
	return 0;
}

/*
 * boot.rst, xloadflags bit 5. A kernel that expects four levels of page tables and finds five would
 * end in a reset at its first walk. A vmlinux does not tell.
 */
static bool has_its_levels(const struct boot *b)
{
	return !b->m->x86.la57 || b->image->bz.xloadflags & XLF_5LEVEL;
}

unsigned x86_mode(const struct boot *b)
{
	switch (x86_entry(b)) {
	case ENTRY_32:
		return X86_MODE_32;
	case ENTRY_PVH:
		return X86_MODE_EBX;
	case ENTRY_16:
		return X86_MODE_16;
	case ENTRY_MULTIBOOT:
		return X86_MODE_MULTIBOOT;
	default:
		return has_its_levels(b) ? X86_MODE_64 : X86_MODE_64_4;
	}
}

uint64_t x86_entry_address(const struct boot *b)
{
	const struct image *im = b->image;
	uint64_t at = boot_find(b, SEG_KERNEL)->place.at;

	if (x86_entry(b) == ENTRY_16)
		return boot_find(b, SEG_OTHER)->place.at + ENTRY16_OFF;
	if (image_is_multiboot(im))
		return x86_multiboot_entry(b);
	if (im->format == IMAGE_BZIMAGE)
		return at + (x86_entry(b) == ENTRY_64 ? ENTRY64_OFF : 0);
	if (x86_entry(b) == ENTRY_PVH)
		return im->entry_pvh - im->vm.phys + at;
	return im->vm.entry - im->vm.phys + at;
}
