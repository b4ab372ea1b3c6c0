/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot protocol: the pieces, where they may lie, and what depends on their addresses. */
#include "arch/crash.h"
#include "arch/dtb.h"
#include "arch/riscv64/handoff.h"
#include "arch/riscv64/riscv64.h"
#include "base/align.h"
#include "image/linux_image.h"

/* The first page tables of the kernel map two of 2 MiB for the device tree: arch/riscv/mm/init.c,
 * create_fdt_early_page_table(), Linux 6.1. */
#define DTB_MAX (2ull << 20)

static const struct dtb_rules rules = {.elfcorehdr = true, .usable_range = true};

/* The kernel takes the low end: one before 6.4 does not see what lies below it. */
static void bind_high(struct boot_piece *p)
{
	p->place.dir = PLACE_HIGHEST;
	p->place.why = "anywhere";
}

static int add_high(struct boot *b, enum segment_kind kind, const char *what, uint64_t size,
		    struct err *err)
{
	struct boot_piece *p = boot_add_pages(b, kind, what, size);

	if (!p)
		return boot_no_piece(err);
	bind_high(p);
	return 0;
}

static int add_kernel(struct boot *b, struct err *err)
{
	const struct image *im = b->image;
	uint64_t at = b->req->load_address;

	if (im->format != IMAGE_LINUX_IMAGE)
		return fail(err, ENOTSUP,
			    "riscv64 kernels are loaded as a raw Image; '--syscall file' may take "
			    "this one");
	if (!align_is(im->li.text_offset, LI_BASE_ALIGN))
		return fail(err, ENOTSUP, "text_offset 0x%llx is no multiple of 2 MiB",
			    (unsigned long long)im->li.text_offset);
	struct boot_piece *k = boot_add_pages(b, SEG_KERNEL, "kernel", im->footprint_running);

	if (!k)
		return boot_no_piece(err);
	k->borrowed = im->file;
	k->hashed = im->file.len; /* behind it lies bss, which the kernel clears */
	k->place.align = LI_BASE_ALIGN;
	k->place.why = "as boot.rst wants it";
	if (!b->req->has_load_address)
		return 0;
	if (!align_is(at, LI_BASE_ALIGN))
		return fail(err, EINVAL, "--load-address 0x%llx: not a multiple of 2 MiB",
			    (unsigned long long)at);
	k->place.fixed = true;
	k->place.preferred = at;
	k->place.why = "--load-address";
	return 0;
}

static int add_initrd(struct boot *b, struct err *err)
{
	struct boot_piece *p;
	int r = boot_add_initrd(b, &p, err);

	if (!r && p)
		bind_high(p);
	return r;
}

static int add_crash(struct boot *b, struct err *err)
{
	uint64_t size;
	int r = b->crash ? boot_elfcorehdr_size(b, &size, err) : 0;

	if (r < 0 || !b->crash)
		return r;
	return add_high(b, SEG_ELFCOREHDR, "elfcorehdr", size, err);
}

static int add_dtb(struct boot *b, struct err *err)
{
	uint64_t size;
	int r = boot_dtb_size(b, &rules, &size, err);

	if (r < 0)
		return r;
	if (size > DTB_MAX)
		return fail(err, ENOTSUP,
			    "the device tree would have %llu bytes; a riscv64 kernel maps 2 MiB",
			    (unsigned long long)size);
	return add_high(b, SEG_DTB, "device tree", size, err);
}

int riscv64_layout(struct boot *b, struct err *err)
{
	int r = boot_check_line(b, RISCV64_LINE_MAX, err);

	boot_bind_purgatory(b, (struct range){0, UINT64_MAX}, "anywhere", PLACE_HIGHEST);
	if (!r)
		r = add_kernel(b, err);
	if (!r)
		r = add_initrd(b, err);
	if (!r)
		r = add_crash(b, err);
	if (!r)
		r = add_dtb(b, err);
	return r;
}

/*
 * Before Linux 6.4 (commit 3335068f8721) the linear map begins with the kernel: RAM below it is
 * ignored, and an initrd there would be too. Through the same map setup_arch() reads the device
 * tree once more, up to 6.1.25.
 */
static int check_below(const struct boot *b, struct err *err)
{
	static const enum segment_kind kinds[] = {SEG_INITRD, SEG_DTB};
	const struct boot_piece *kernel = boot_find(b, SEG_KERNEL);

	for (size_t i = 0; i < 2 && !boot_release_from(b->image->version, 6, 4); i++) {
		const struct boot_piece *p = boot_find(b, kinds[i]);

		if (p && p->place.at < kernel->place.at)
			return fail(err, ENOSPC,
				    "the %s fits only at 0x%llx, below the kernel at 0x%llx, where "
				    "kernels before Linux 6.4 do not see it",
				    segment_kind_name(p->kind), (unsigned long long)p->place.at,
				    (unsigned long long)kernel->place.at);
	}
	return 0;
}

int riscv64_fill(struct boot *b, struct err *err)
{
	struct boot_piece *header = boot_find(b, SEG_ELFCOREHDR);
	int r = check_below(b, err);

	if (!r && header)
		r = boot_elfcorehdr_build(b, &header->data, err);
	if (!r)
		r = boot_dtb_fill(b, &rules, err);
	b->handoff.entry = boot_find(b, SEG_KERNEL)->place.at;
	b->handoff.args[RISCV_ARG_DTB] = boot_find(b, SEG_DTB)->place.at;
	b->handoff.args[RISCV_ARG_ISA] = b->m->cpu_sha ? RISCV_ISA_ZKNH : 0;
	return r;
}
