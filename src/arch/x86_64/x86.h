/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of this folder. */
#pragma once
#include "arch/arch.h"
#include "arch/crash.h"
#include "arch/x86_64/protocol.h"
#include "image/bzimage.h"

/*
 * False where the 64-bit entry would be reached with five levels of page tables, and the kernel
 * expects four (boot.rst, xloadflags bit 5): its first walk would end in a reset. The 32-bit entry
 * is reached without paging.
 */
static inline bool x86_takes_paging(const struct boot *b)
{
	return !b->m->x86.la57 || (b->image->bz.xloadflags & XLF_5LEVEL);
}

/* True when the load enters the kernel in 64-bit mode. A 32-bit kernel hands over without it. */
static inline bool x86_entry64(const struct boot *b)
{
	if (b->req->arch->crash.elf32)
		return false;
	return b->req->entry == ENTRY_64 ||
	       (b->req->entry == ENTRY_AUTO && b->image->entry64 && x86_takes_paging(b));
}

/* True when kernel, boot_params, command line and initrd may lie above 4 GiB: boot.rst, xloadflags
 * bits 0 and 1. */
static inline bool x86_above_4g(const struct boot *b)
{
	return x86_entry64(b) && (b->image->bz.xloadflags & 2);
}

/* Upper bound of the bytes that the setup_data nodes will take; 0 = none. */
uint64_t x86_setup_data_max(const struct boot *b);

/* The embedded purgatory object. */
struct span x86_64_purgatory(void);
