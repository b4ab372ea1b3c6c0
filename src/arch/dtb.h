/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device tree of a load, for every CPU whose kernels are handed one (arm, arm64, ppc64,
 * riscv64): that of the running machine, or the user's (--dtb), put right for the next kernel the
 * way that Linux itself does it (drivers/of/kexec.c, of_kexec_alloc_and_setup_fdt(), Linux 6.1).
 *
 * layout(), behind the initrd's and the crash header's pieces (their sizes are read here):
 *
 *	uint64_t size;
 *	int r = boot_dtb_size(b, &rules, &size, err);
 *	struct boot_piece *p = r ? NULL : boot_add(b, SEG_DTB, "device tree");
 *	…p->place.size = align_up(size, page_size); align, within, dir: as the CPU's kernel wants
 *
 * fill(), when all pieces have their addresses and the command line is final:
 *
 *	r = boot_dtb_fill(b, &rules, err);
 *
 * What the tree then says:
 *   /chosen: bootargs = the plan's command line; linux,initrd-start and -end (64 bits);
 *     kaslr-seed, rng-seed (fresh, or none without req->has_rng_seed), linux,booted-from-kexec;
 *     for a crash load as @rules say. Gone: what was there of these, linux,ima-kexec-buffer,
 *     linux,kho-*. All else stays, linux,uefi-* too: an EFI machine's memory is found by it.
 *   /memreserve/: the new initrd and crash header; not the old initrd, crash header and IMA buffer.
 *   /reserved-memory/baton-avoid@START, no-map: --avoid and the poisoned pages.
 *   a user's tree besides: memory, reservations, linux,uefi-* and boot CPU of the running machine.
 *     What boot loaders fill in and this tree lacks is told by warnings of the plan.
 */
#pragma once
#include "arch/boot.h"
#include "fdt/edit.h"
#include "purgatory/psci.h"

/* What differs between the CPUs; const data of a CPU's folder. All may be zero. */
struct dtb_rules {
	/* Crash loads: /chosen/linux,elfcorehdr (arm64, riscv64). Else the CPU says it on the
	 * command line (arm, ppc64: elfcorehdr=). */
	bool elfcorehdr;
	/* Crash loads: /chosen/linux,usable-memory-range = the highest crash region, then the
	 * lowest, if there are two (arm64, riscv64, and arm from Linux 5.15 on). */
	bool usable_range;
	/* A /memreserve/ entry for the blob itself (ppc64; Linux reserves it without that too). */
	bool reserve_blob;
	/*
	 * The CPU's own changes, after all others; may be NULL. @placed is false in
	 * boot_dtb_size(): addresses of pieces are 0 then, and the tree must come to the size that
	 * it will have later. Warnings belong there, so that each is said once.
	 */
	int (*more)(struct boot *b, struct edit *e, bool placed, struct err *err);
	/*
	 * Free bytes to leave inside the finished blob of @e, for the running kernel that edits it
	 * in its place (ppc64, when CPUs come and go); may be NULL.
	 */
	size_t (*slack)(const struct boot *b, const struct edit *e);
};

/* What the finished tree may grow by until boot_dtb_fill(): a longer command line (elfcorehdr=…).
 */
#define DTB_SLACK 512

/*
 * @size: bytes that are enough for the finished tree. Not more than TREE_MAX. 0 | -ENOTSUP: there
 * is no tree, neither the user's nor the machine's | -EBADMSG, -ENOTSUP: it is damaged, or too
 * large; "dtb 'PATH': …" where it is the user's | -EOVERFLOW: an address needs more cells than the
 * root has | -ENOMEM. Adds warnings to the plan.
 */
int boot_dtb_size(struct boot *b, const struct dtb_rules *rules, uint64_t *size, struct err *err);

/* Write it into the piece SEG_DTB; all of the piece is hashed. Errors as above, and -ENOSPC: it
 * does not fit the piece. */
int boot_dtb_fill(struct boot *b, const struct dtb_rules *rules, struct err *err);

/*
 * The tree that the load starts from (the user's or the machine's, as it is), for what a CPU has to
 * look up in it before. @e is the caller's to edit_done() after success. Errors as above.
 */
int boot_dtb_base(const struct boot *b, struct edit *e, struct err *err);

/* By its device_type. */
bool dtb_is_memory(const struct edit_node *n);
bool dtb_is_cpu(const struct edit_node *n);

/*
 * The instruction that calls the firmware of arm and arm64: /psci or /firmware/psci, method
 * (Documentation/devicetree/bindings/arm/psci.yaml). UNKNOWN: a tree without CPUs, as the EFI stub
 * makes one for a machine that has ACPI instead.
 */
enum psci dtb_psci(const struct edit *e);
/* The same of the machine that the purgatory runs on: its own tree knows better than the user's,
 * @e, which is asked where that does not tell. */
enum psci boot_dtb_psci(const struct boot *b, const struct edit *e);
