/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of this folder. */
#pragma once
#include "arch/arch.h"
#include "arch/dtb.h"
#include "arch/ppc64/protocol.h"
#include "image/vmlinux.h"

/* COMMAND_LINE_SIZE without its NUL: arch/powerpc/include/uapi/asm/setup.h, Linux 6.1. */
#define PPC64_LINE_MAX 2047

/* What the next kernel's first instructions and the purgatory need of the running firmware. */
struct ppc64_firmware {
	bool rtas;
	uint64_t rtas_base, rtas_entry;
	uint64_t reboot; /* RTAS token of system-reboot; 0 = none */
	bool radix;      /* a guest with radix page tables: real mode reaches all memory */
	bool vector;     /* every CPU has VMX, VSX and vshasigmaw (Power ISA 2.07) */
};

/* From the running machine's device tree; without one all is zero. Errors of tree_open(). */
int ppc64_firmware(const struct machine *m, struct ppc64_firmware *out, struct err *err);

/* The kernel stays where it is loaded: a capture kernel, or one that --load-address speaks of. */
static inline bool ppc64_stays(const struct boot *b)
{
	return b->crash || b->req->has_load_address;
}

/* Bytes that kexec_sequence copies from the entry to address 0, where the other CPUs wait
 * (arch/powerpc/kernel/misc_64.S, Linux 6.1). */
#define PPC64_SLAVE_CODE 0x100

/*
 * Append the kernel's memory as it must lie, with the word that tells it to stay where it is or to
 * move to 0, and module CRCs that survive a move. 0 | -ENOMEM | -EBADMSG
 */
int ppc64_kernel_memory(struct boot *b, struct buf *out, struct err *err);

/* file_instead() of struct arch, big-endian. */
int ppc64_file_instead(struct boot *b, struct buf *out, struct err *err);

/* What ppc64 changes in the tree of a load (devtree.c). */
extern const struct dtb_rules ppc64_dtb_rules;

/* The embedded purgatory objects. */
struct span ppc64le_purgatory(void);
struct span ppc64_purgatory(void);
