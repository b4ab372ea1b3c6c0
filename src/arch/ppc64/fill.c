/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Second half of the protocol: the kernel's bytes, the device tree, the crash header, the slaves'
 * code. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arch/crash.h"
#include "arch/ppc64/handoff.h"
#include "arch/ppc64/ppc64.h"
#include "arch/ppc64/selfreloc.h"
#include "base/put.h"

/* Values of __run_at_load (head_64.S). */
#define STAY       1u
#define GO_TO_ZERO 0x72756e30u

int ppc64_kernel_memory(struct boot *b, struct buf *out, struct err *err)
{
	const struct image *im = b->image;
	void (*put)(uint8_t *, uint64_t, unsigned) = im->big ? put_be : put_le;

	if (vmlinux_memory(im, out) < 0)
		return fail(err, ENOMEM, "no memory for the kernel");
	if (im->vm.run_at_load)
		put(out->ptr + VMLINUX_PPC64_RUN_AT_LOAD, ppc64_stays(b) ? STAY : GO_TO_ZERO, 4);
	if (!ppc64_stays(b))
		return 0;
	int r = ppc64_spare_crcs(im, out, err);

	if (r > 0 && plan_warn(b->plan,
			       "this kernel adds the distance that it is moved to its own module "
			       "CRCs and would take no module: those %d relocations are taken out",
			       r) < 0)
		return fail(err, ENOMEM, "no memory for a warning");
	return r < 0 ? wrap(err, r, "kernel") : 0;
}

static int add_params(struct boot *b, struct err *err)
{
	const struct boot_piece *header = boot_find(b, SEG_ELFCOREHDR);
	char word[40];
	int r = 0;

	if (header) {
		snprintf(word, sizeof(word), "elfcorehdr=0x%" PRIx64, header->place.at);
		r = boot_add_param(b, word, err);
	}
	return r < 0 ? r : boot_check_line(b, PPC64_LINE_MAX, err);
}

static int fill_handoff(struct boot *b, struct err *err)
{
	const struct boot_piece *kernel = boot_find(b, SEG_KERNEL);
	const struct boot_piece *backup = boot_find(b, SEG_BACKUP);
	const struct ppc64_facts *facts = &b->m->ppc64;
	struct handoff *h = &b->handoff;
	struct ppc64_firmware fw;
	int r = ppc64_firmware(b->m, &fw, err);

	if (r < 0)
		return r;
	h->entry = kernel->place.at + (b->image->vm.entry - b->image->vm.phys);
	h->args[PPC64_ARG_DTB] = boot_find(b, SEG_DTB)->place.at;
	h->args[PPC64_ARG_VECTOR] = fw.vector;
	if (facts->powernv) {
		h->args[PPC64_ARG_FIRMWARE] = PPC64_FIRMWARE_OPAL;
		h->args[PPC64_ARG_BASE] = facts->opal_base;
		h->args[PPC64_ARG_ENTRY] = facts->opal_entry;
	} else if (fw.rtas) {
		h->args[PPC64_ARG_FIRMWARE] = PPC64_FIRMWARE_RTAS;
		h->args[PPC64_ARG_BASE] = fw.rtas_base;
		h->args[PPC64_ARG_ENTRY] = fw.rtas_entry;
		h->args[PPC64_ARG_REBOOT] = fw.reboot;
	}
	if (backup) {
		struct range low = boot_backup_range(b);

		h->backup_src = low.start;
		h->backup_dst = backup->place.at;
		h->backup_len = range_size(low);
	}
	return 0;
}

int ppc64_fill(struct boot *b, struct err *err)
{
	struct boot_piece *header = boot_find(b, SEG_ELFCOREHDR);
	int r = ppc64_kernel_memory(b, &boot_find(b, SEG_KERNEL)->data, err);

	if (!r)
		r = add_params(b, err);
	if (!r && header)
		r = boot_elfcorehdr_build(b, &header->data, err);
	if (!r)
		r = boot_dtb_fill(b, &ppc64_dtb_rules, err);
	return r ? r : fill_handoff(b, err);
}

/*
 * The other CPUs wait at address 0x60, in what kexec_sequence copied from the purgatory's start; so
 * that is the next kernel's own code, but for the first word, the branch into the purgatory.
 */
int ppc64_finish(const struct boot *b, struct buf *image, uint64_t start, struct err *err)
{
	const struct boot_piece *kernel = boot_find(b, SEG_KERNEL);
	uint64_t entry = b->image->vm.entry - b->image->vm.phys;

	if (entry > kernel->data.len || kernel->data.len - entry < PPC64_SLAVE_CODE)
		return fail(err, EBADMSG, "the kernel ends 0x%zx bytes behind its entry",
			    kernel->data.len - (size_t)entry);
	if (start > image->len || image->len - start < PPC64_SLAVE_CODE)
		return fail(err, EBADMSG, "purgatory_start has no room for the other CPUs' code");
	memcpy(image->ptr + start + 4, kernel->data.ptr + entry + 4, PPC64_SLAVE_CODE - 4);
	return 0;
}
