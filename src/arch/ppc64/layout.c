/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First half of the protocol: which pieces there are and where they may lie. */
#include <inttypes.h>

#include "arch/crash.h"
#include "arch/ppc64/ppc64.h"
#include "base/align.h"
#include "machine/machine.h"

#define GIB4 (1ull << 32)
/* The kernel takes any page; its own ELF header asks for no more (p_align). */
#define PAGE_64K 0x10000ull

/* Where pieces of this load may lie, and why. */
struct window {
	struct range within;
	const char *why;
};

/*
 * Below: the running kernel, which no segment may touch while it copies them
 * (machine_kexec_prepare, ETXTBSY), and the memory that the next kernel will copy itself over.
 * Above: what a guest with hashed page tables reaches in real mode, where the purgatory and the
 * next kernel's first instructions run.
 */
static struct window find_window(const struct boot *b, const struct ppc64_firmware *fw)
{
	const struct machine *m = b->m;
	struct window w = {{0, UINT64_MAX}, "anywhere in the crash region"};

	if (!b->crash) {
		uint64_t own = b->image->vm.phys + b->image->footprint_running;

		w.within.start =
			m->ppc64.kernel_end > m->kernel.end ? m->ppc64.kernel_end : m->kernel.end;
		w.why = "above the running kernel";
		if (!ppc64_stays(b) && own > w.within.start) {
			w.within.start = own;
			w.why = "above where the next kernel will run";
		}
	}
	if (!m->ppc64.powernv && !fw->radix && m->ppc64.rma_end) {
		w.within.end = m->ppc64.rma_end;
		w.why = "inside the real mode area";
	}
	return w;
}

static void bind(struct boot_piece *p, const struct window *w)
{
	p->place.within = w->within;
	p->place.why = w->why;
}

/* Whole pages inside the window. */
static struct boot_piece *add_piece(struct boot *b, enum segment_kind kind, const char *what,
				    uint64_t size, const struct window *w)
{
	struct boot_piece *p = boot_add_pages(b, kind, what, size);

	if (p)
		bind(p, w);
	return p;
}

static int check_load_address(const struct boot *b, const struct window *w, uint64_t align,
			      struct err *err)
{
	uint64_t at = b->req->load_address;

	if (!b->image->vm.run_at_load)
		return fail(err, EINVAL,
			    "--load-address 0x%" PRIx64 ": the kernel is not relocatable, it moves "
			    "itself to 0x%" PRIx64,
			    at, b->image->vm.phys);
	if (!align_is(at, align))
		return fail(err, EINVAL,
			    "--load-address 0x%" PRIx64 ": not a multiple of 0x%" PRIx64, at,
			    align);
	if (at < w->within.start)
		return fail(err, EINVAL,
			    "--load-address 0x%" PRIx64 ": the running kernel lies there, up to "
			    "0x%" PRIx64,
			    at, w->within.start);
	return 0;
}

static int add_kernel(struct boot *b, const struct window *w, struct err *err)
{
	const struct image *im = b->image;
	struct boot_piece *k = add_piece(b, SEG_KERNEL, "kernel", im->footprint_running, w);

	if (!k)
		return boot_no_piece(err);
	/* What follows is bss, and the kernel's own to clear (head_64.S, start_here_multiplatform).
	 */
	k->hashed = im->vm.file_end - im->vm.phys;
	if (im->align > k->place.align)
		k->place.align = im->align;
	if (k->place.align < PAGE_64K)
		k->place.align = PAGE_64K;
	if (b->crash && !im->vm.run_at_load) {
		k->place.fixed = true;
		k->place.preferred = im->vm.phys;
		k->place.why = "not relocatable";
	}
	if (!b->req->has_load_address)
		return 0;
	k->place.fixed = true;
	k->place.preferred = b->req->load_address;
	k->place.why = "--load-address";
	return check_load_address(b, w, k->place.align, err);
}

static int add_crash(struct boot *b, const struct window *w, struct err *err)
{
	uint64_t size;
	struct range low = boot_backup_range(b);
	int r = boot_elfcorehdr_size(b, &size, err);

	if (r < 0)
		return r;
	if (!add_piece(b, SEG_ELFCOREHDR, "elfcorehdr", size, w))
		return boot_no_piece(err);
	if (range_empty(low))
		return 0;
	struct boot_piece *p = add_piece(b, SEG_BACKUP, "backup", range_size(low), w);

	if (!p)
		return boot_no_piece(err);
	p->hashed = 0; /* filled by the purgatory, after the check */
	return 0;
}

/* Behind the others: its reservations depend on them. */
static int add_tree(struct boot *b, const struct window *w, struct err *err)
{
	uint64_t size;
	int r = boot_dtb_size(b, &ppc64_dtb_rules, &size, err);

	if (r < 0)
		return r;
	return add_piece(b, SEG_DTB, "device tree", size, w) ? 0 : boot_no_piece(err);
}

int ppc64_layout(struct boot *b, struct err *err)
{
	struct ppc64_firmware fw;
	struct boot_piece *initrd;
	int r;

	if (b->image->format != IMAGE_VMLINUX)
		return fail(err, ENOTSUP, "%s starts an ELF vmlinux, not a %s", b->req->arch->name,
			    image_format_name(b->image->format));
	r = ppc64_firmware(b->m, &fw, err);
	if (r < 0)
		return wrap(err, r, "device tree of this machine");
	struct window w = find_window(b, &fw);

	boot_bind_purgatory(b, w.within, w.why, PLACE_LOWEST);
	/* It calls RTAS, which takes addresses of 32 bits. */
	if (fw.rtas && b->purgatory.within.end > GIB4)
		b->purgatory.within.end = GIB4;
	r = add_kernel(b, &w, err);
	if (!r)
		r = boot_add_initrd(b, &initrd, err);
	if (!r && initrd)
		bind(initrd, &w);
	if (!r && b->crash)
		r = add_crash(b, &w, err);
	return r ? r : add_tree(b, &w, err);
}
