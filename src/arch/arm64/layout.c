/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First half of the protocol: which pieces there are and where they may lie. */
#include "arch/arm64/arm64.h"
#include "arch/crash.h"
#include "base/align.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

/* booting.rst, section 4: where kernel and initrd must lie together. */
#define WINDOW       (32 * GIB)
#define WINDOW_ALIGN GIB
/* booting.rst, section 2; and before Linux 4.2, which wrote no flags that would tell. */
#define DTB_MAX   (2 * MIB)
#define DTB_REACH (512 * MIB)
/* Bss of a kernel whose header does not tell it. */
#define OLD_BSS (16 * MIB)

struct span arm64_kernel_bytes(const struct boot *b)
{
	uint64_t size = b->image->li.image_size;
	struct span file = b->image->file;

	return size && size < file.len ? span_sub(file, 0, size) : file;
}

/* A CPU without the kernel's pages is told by the purgatory alone: nothing in /proc or /sys knows.
 */
static int warn_of_pages(const struct boot *b, struct err *err)
{
	uint32_t page = b->image->li.page_size;

	if (!page || page == b->m->page_size)
		return 0;
	if (plan_warn(b->plan,
		      "the kernel runs with pages of %u KiB, the running one with %llu KiB: where "
		      "the CPU lacks them the purgatory resets the machine",
		      page >> 10, (unsigned long long)b->m->page_size >> 10) < 0)
		return fail(err, ENOMEM, "no memory for a warning");
	return 0;
}

static int check_load_address(const struct boot *b, struct err *err)
{
	uint64_t at = b->req->load_address;

	if (at % LI_BASE_ALIGN == b->image->li.text_offset % LI_BASE_ALIGN &&
	    at >= b->image->li.text_offset)
		return 0;
	return fail(err, EINVAL,
		    "--load-address 0x%llx: not 0x%llx (text_offset) above a multiple of 2 MiB",
		    (unsigned long long)at, (unsigned long long)b->image->li.text_offset);
}

/* The piece begins at the 2 MiB boundary that text_offset counts from (0 since Linux 5.8). */
static int add_kernel(struct boot *b, struct err *err)
{
	const struct linux_image *li = &b->image->li;
	struct boot_piece *k = boot_add(b, SEG_KERNEL, "kernel");
	uint64_t bytes = arm64_kernel_bytes(b).len;

	if (!k)
		return boot_no_piece(err);
	k->hashed = li->text_offset + bytes;
	k->place.size = li->text_offset + (li->image_size ? li->image_size : bytes + OLD_BSS);
	if (!li->text_offset)
		k->borrowed = arm64_kernel_bytes(b);
	k->place.align = LI_BASE_ALIGN;
	k->place.why = "multiple of 2 MiB";
	if (!li->image_size &&
	    plan_warn(b->plan,
		      "the kernel does not tell how much memory it needs: %llu MiB are "
		      "kept free behind it",
		      OLD_BSS / MIB) < 0)
		return fail(err, ENOMEM, "no memory for a warning");
	if (!b->req->has_load_address)
		return 0;
	k->place.fixed = true;
	k->place.preferred = b->req->load_address - li->text_offset;
	k->place.why = "--load-address";
	return check_load_address(b, err);
}

static int add_initrd(struct boot *b, struct err *err)
{
	struct boot_piece *p;
	int r = boot_add_initrd(b, &p, err);

	if (!r && p)
		p->place.why = "within 32 GiB of the kernel";
	return r;
}

static int add_small(struct boot *b, enum segment_kind kind, const char *what, uint64_t size,
		     struct err *err)
{
	struct boot_piece *p = boot_add_pages(b, kind, what, size);

	if (!p)
		return boot_no_piece(err);
	p->place.why = "anywhere";
	p->place.dir = b->crash ? PLACE_HIGHEST : PLACE_LOWEST;
	return 0;
}

static int add_dtb(struct boot *b, struct err *err)
{
	uint64_t size = 0;
	int r = boot_dtb_size(b, &arm64_dtb_rules, &size, err);

	if (r < 0)
		return r;
	if (size > DTB_MAX)
		return fail(err, ENOTSUP, "the device tree has %llu bytes, the kernel maps %llu",
			    (unsigned long long)size, DTB_MAX);
	return add_small(b, SEG_DTB, "device tree", size, err);
}

/* Narrows @p to [start, start + size). */
static void narrow(struct boot_piece *p, uint64_t start, uint64_t size)
{
	if (p)
		p->place.within = (struct range){start, start + size};
}

/* 0 when all pieces find room, kernel and initrd in the window that begins at @start. */
static int try_window(struct boot *b, uint64_t start)
{
	struct place all[BOOT_PIECES + 1];
	struct err err = ERR_INIT;

	narrow(boot_find(b, SEG_KERNEL), start, WINDOW);
	narrow(boot_find(b, SEG_INITRD), start, WINDOW);
	for (size_t i = 0; i < b->npieces; i++) {
		all[i] = b->pieces[i].place;
		all[i].size = align_up(all[i].size, b->m->page_size);
	}
	all[b->npieces] = b->purgatory;
	int r = space_place(&b->usable, all, b->npieces + 1, NULL, &err);

	/* Before Linux 4.6, and so perhaps before 4.2: see DTB_REACH. */
	if (!r && !b->image->li.anywhere) {
		narrow(boot_find(b, SEG_KERNEL), all[0].at, all[0].size);
		narrow(boot_find(b, SEG_DTB), all[0].at, DTB_REACH);
	}
	return r;
}

/*
 * Which window: the lowest in which everything finds room. Where all memory lies in one, and for a
 * load without initrd, there is nothing to choose, and a refusal is space_place's to explain.
 */
static void choose_window(struct boot *b)
{
	const struct range_list *u = &b->usable;
	uint64_t next = 0, first = u->n ? align_down(u->v[0].start, WINDOW_ALIGN) : 0;
	bool one = !u->n || u->v[u->n - 1].end - first <= WINDOW;
	int r = 0;

	for (size_t i = 0; i < u->n && !(one && i); i++) {
		uint64_t at = align_down(u->v[i].start, WINDOW_ALIGN);

		for (at = at > next ? at : next; at < u->v[i].end; at += WINDOW_ALIGN) {
			r = try_window(b, at);
			if (r != -ENOSPC || one)
				break;
			/* Deep inside one range, one window is as good as the next. */
			if (at >= u->v[i].start && u->v[i].end - at > WINDOW + WINDOW_ALIGN)
				at = align_down(u->v[i].end - WINDOW, WINDOW_ALIGN) - WINDOW_ALIGN;
			next = at + WINDOW_ALIGN;
		}
		if (!r)
			return;
	}
	/* Nowhere: placing says so, and why. */
	if (u->n)
		(void)try_window(b, first);
}

static int warn_of_low_memory(const struct boot *b, struct err *err)
{
	uint64_t at = boot_find(b, SEG_KERNEL)->place.within.start;

	if (b->crash || b->image->li.anywhere || !b->m->system_ram.n ||
	    at <= align_up(b->m->system_ram.v[0].start, LI_BASE_ALIGN))
		return 0;
	if (plan_warn(b->plan,
		      "this kernel (older than 4.6) cannot use the memory below it, which begins "
		      "at 0x%llx",
		      (unsigned long long)b->m->system_ram.v[0].start) < 0)
		return fail(err, ENOMEM, "no memory for a warning");
	return 0;
}

int arm64_layout(struct boot *b, struct err *err)
{
	uint64_t header;
	int r = warn_of_pages(b, err);

	/* An ELF file begins with no code, and without the header of an Image. */
	if (b->image->format != IMAGE_LINUX_IMAGE)
		return fail(err, ENOTSUP,
			    "is a %s; wanted is an Image, plain, compressed or in a "
			    "zboot container",
			    image_format_name(b->image->format));
	if (b->req->entry != ENTRY_AUTO)
		return fail(err, ENOTSUP, "arm64 kernels have one entry only ('--entry')");
	boot_bind_purgatory(b, (struct range){0, 1ull << 48}, "anywhere",
			    b->crash ? PLACE_HIGHEST : PLACE_LOWEST);
	if (!r)
		r = add_kernel(b, err);
	if (!r)
		r = add_initrd(b, err);
	if (!r && b->crash)
		r = boot_elfcorehdr_size(b, &header, err);
	if (!r && b->crash)
		r = add_small(b, SEG_ELFCOREHDR, "elfcorehdr", header, err);
	if (!r)
		r = add_dtb(b, err);
	if (r < 0)
		return r;
	choose_window(b);
	return warn_of_low_memory(b, err);
}
