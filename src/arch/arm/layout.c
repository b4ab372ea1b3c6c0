/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First half of the protocol: which pieces there are and where they may lie.
 * Documentation/arm/booting.rst; sizes: docs/formats/zimage.md.
 */
#include "arch/arm/arm.h"

#include "arch/crash.h"
#include "base/align.h"
#include "image/zimage.h"

#define GIB4 (1ull << 32)

/*
 * As much lowmem as every kernel has. VMSPLIT_3G, the usual one, leaves least: from 0xc0000000 to
 * 240 MiB of vmalloc and 8 MiB of gap below VMALLOC_END, 760 MiB (768 since Linux 4.2); less 60 MiB
 * for a vmalloc= of up to 300 MiB. Kernels of VMSPLIT_2G or 1G reach further, but no image tells
 * its split, and the running kernel's (m->lowmem_end) says nothing of the next one's: where a guess
 * is too large, the next kernel dies of an initrd that it has no address for.
 */
#define LOWMEM     (700ull << 20)
#define LINEAR_MAP "700 MiB of lowmem, as with VMSPLIT_3G: no image tells its own split"

/* Behind the image while it unpacks: bss of the decompressor, stack, relocated code (head.S). */
#define SCRATCH 0x10000ull

static uint64_t first_byte(const struct boot *b)
{
	return b->usable.n ? b->usable.v[0].start : 0;
}

/* How the kernel of @b lies while it unpacks itself, counted from the start of its RAM. */
struct spread {
	uint64_t lead; /* below the image: what it unpacks to, with bss */
	uint64_t size; /* all of it */
};

/*
 * The image lies behind what it unpacks to, so that it need not move itself first, with its caches
 * off. Where that would leave the block of 128 MiB it lies low and moves.
 */
static int spread_of(const struct boot *b, struct spread *s, struct err *err)
{
	struct image im = *b->image;
	uint64_t page = b->m->page_size;

	if (im.format == IMAGE_LINUX_IMAGE) {
		s->lead = im.li.text_offset;
		s->size = align_up(s->lead + im.li.image_size, page);
		return 0;
	}
	if (!im.footprint_running) {
		int r = zimage_measure(&im, err);

		if (r < 0)
			return r;
		if (plan_warn(b->plan,
			      "the zImage (before Linux 4.15) does not tell its sizes: it was "
			      "unpacked to learn them%s",
			      im.guessed ? ", and 16 MiB are kept free for its bss" : "") < 0)
			return fail(err, ENOMEM, "no memory for a warning");
	}
	s->lead = align_up(im.footprint_running, page);
	s->size = align_up(s->lead + im.zi.image_size + im.zi.malloc_size + SCRATCH, page);
	if (s->size > ARM_BLOCK) {
		s->lead = 0x8000;
		s->size = align_up(im.footprint_unpacking, page);
	}
	return 0;
}

/*
 * Memory below the start of its RAM is lost to the kernel, and what lies above its linear map is
 * out of its reach: the pieces that it reads must lie between.
 */
static void bind(struct boot *b, uint64_t base)
{
	for (size_t i = 0; i < b->npieces; i++) {
		struct place *p = &b->pieces[i].place;

		if (b->pieces[i].kind == SEG_KERNEL) {
			p->fixed = true;
			p->preferred = base;
			continue;
		}
		p->within = (struct range){base, base + LOWMEM < GIB4 ? base + LOWMEM : GIB4};
	}
}

/* Is there a place for all pieces when the kernel's RAM begins at @base? */
static bool works(struct boot *b, uint64_t base)
{
	struct place all[BOOT_PIECES + 1];
	struct err ignored = ERR_INIT;

	bind(b, base);
	for (size_t i = 0; i < b->npieces; i++)
		all[i] = b->pieces[i].place;
	all[b->npieces] = b->purgatory;
	return space_place(&b->usable, all, b->npieces + 1, NULL, &ignored) == 0;
}

/* The lowest block that will do; false if none does. An Image is at home where it is put. */
static bool find_block(struct boot *b, uint64_t *base)
{
	uint64_t step = b->image->format == IMAGE_ZIMAGE ? ARM_BLOCK : ARM_IMAGE_ALIGN;

	for (size_t i = 0; i < b->usable.n; i++) {
		uint64_t at = align_up(b->usable.v[i].start, step);

		for (; at < b->usable.v[i].end && at < GIB4; at += step)
			if (works(b, at)) {
				*base = at;
				return true;
			}
	}
	return false;
}

/* Where the kernel's RAM begins, and so where everything may lie. */
static int choose_base(struct boot *b, struct err *err)
{
	struct boot_piece *k = boot_find(b, SEG_KERNEL);
	uint64_t base = align_up(first_byte(b), ARM_MEM_ALIGN);

	k->place.within = (struct range){0, GIB4};
	k->place.align = ARM_MEM_ALIGN;
	if (b->req->has_load_address) {
		k->place.why = "--load-address";
		base = b->req->load_address;
		if (!align_is(base, ARM_MEM_ALIGN))
			return fail(err, EINVAL,
				    "--load-address 0x%llx: the start of the kernel's RAM is a "
				    "multiple of 2 MiB",
				    (unsigned long long)base);
	} else if (!b->crash && find_block(b, &base)) {
		k->place.why = b->image->format == IMAGE_ZIMAGE
				       ? "start of RAM as the decompressor finds it: the multiple "
					 "of 128 MiB below"
				       : "start of RAM: a multiple of 16 MiB";
	} else {
		/* A crash region, or a machine whose RAM begins elsewhere. */
		k->place.why = "start of RAM as the decompressor finds it: the lowest in the "
			       "device tree";
	}
	bind(b, base);
	if (align_is(base, ARM_BLOCK) || b->image->format == IMAGE_LINUX_IMAGE)
		return 0;
	if (plan_warn(b->plan,
		      "memory begins at 0x%llx, no multiple of 128 MiB: kernels before %s unpack "
		      "themselves below it",
		      (unsigned long long)base, b->crash ? "5.16" : "5.12") < 0)
		return fail(err, ENOMEM, "no memory for a warning");
	return 0;
}

static int add_kernel(struct boot *b, struct err *err)
{
	const struct image *im = b->image;
	struct boot_piece *k = boot_add(b, SEG_KERNEL, "kernel");

	if (!k)
		return boot_no_piece(err);
	if (im->format != IMAGE_ZIMAGE && im->format != IMAGE_LINUX_IMAGE)
		return fail(err, ENOTSUP, "is a %s; arm starts a zImage or an Image",
			    image_format_name(im->format));
	if (!im->relocatable)
		return fail(err, ENOTSUP, "the zImage runs at 0x%x only, from ROM", im->zi.start);
	struct spread s;
	int r = spread_of(b, &s, err);

	if (r < 0)
		return r;

	k->borrowed = im->format == IMAGE_ZIMAGE ? span_sub(im->file, 0, im->zi.image_size)
						 : im->file;
	k->hashed = k->borrowed.len;
	k->lead = s.lead;
	k->place.size = s.size;
	return 0;
}

/* A piece that the next kernel reaches through its linear map, above its own memory. */
static struct boot_piece *add_low(struct boot *b, enum segment_kind kind, const char *what,
				  uint64_t size)
{
	struct boot_piece *p = boot_add_pages(b, kind, what, size);

	if (p)
		p->place.why = LINEAR_MAP;
	return p;
}

bool arm_has_dtb(const struct boot *b)
{
	return b->req->dtb.len || b->m->fdt.len;
}

/* Behind the initrd and the crash header, whose sizes the tree holds. */
static int add_description(struct boot *b, struct err *err)
{
	uint64_t size = arm_atags_size(b);
	int r = 0;

	if (!arm_has_dtb(b))
		return add_low(b, SEG_ATAGS, "atags", size) ? 0 : boot_no_piece(err);
	r = boot_dtb_size(b, &arm_dtb_rules, &size, err);
	if (r < 0)
		return r;
	return add_low(b, SEG_DTB, "device tree", size) ? 0 : boot_no_piece(err);
}

static int add_crash(struct boot *b, struct err *err)
{
	uint64_t size;
	int r = boot_elfcorehdr_size(b, &size, err);

	if (r < 0)
		return r;
	/*
	 * The capture kernel reads it by ioremap(), which refuses what it calls its RAM
	 * (arch/arm/kernel/crash_dump.c, mm/ioremap.c): so it is not told of that memory. Whole
	 * sections of its page tables, 2 MiB with LPAE.
	 */
	struct boot_piece *p = add_low(b, SEG_ELFCOREHDR, "elfcorehdr",
				       align_up(size, ARM_MEM_ALIGN));

	if (!p)
		return boot_no_piece(err);
	p->place.align = ARM_MEM_ALIGN;
	p->place.dir = PLACE_HIGHEST;
	p->hashed = align_up(size, b->m->page_size);
	return 0;
}

int arm_layout(struct boot *b, struct err *err)
{
	struct boot_piece *initrd;
	int r = add_kernel(b, err);

	boot_bind_purgatory(b, (struct range){0, GIB4}, "below 4 GiB", PLACE_LOWEST);
	if (!r)
		r = boot_add_initrd(b, &initrd, err);
	if (!r && initrd)
		initrd->place.why = LINEAR_MAP;
	if (!r && b->crash)
		r = add_crash(b, err);
	if (!r)
		r = add_description(b, err);
	return r ? r : choose_base(b, err);
}
