/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which kernel it is and how it is entered, for the rest of this folder: a bzImage says both in its
 * setup header; a vmlinux, which has none, is what the bzImage would have unpacked.
 */
#pragma once
#include "arch/boot.h"

/* How the load enters the kernel: never ENTRY_AUTO. What cannot be is for x86_check_entry(). */
enum boot_entry x86_entry(const struct boot *b);
/* 0 | -ENOTSUP: this kernel, or this machine, cannot do what '--entry' asks. | -ENOMEM */
int x86_check_entry(struct boot *b, struct err *err);

/*
 * The setup header's fields; none of a multiboot kernel but a line of any length; of a vmlinux,
 * what is true of it (arch/x86/kernel/head_64.S, head_32.S, Linux 6.12): such a kernel has no
 * limits of its own beyond its size.
 */
struct bzimage x86_header(const struct image *im);

/* True when kernel, boot_params, command line and initrd may lie above 4 GiB: boot.rst, xloadflags
 * bits 0 and 1. */
bool x86_above_4g(const struct boot *b);

/* The piece of the kernel itself, before placing. */
int x86_add_kernel(struct boot *b, struct err *err);
/* Its bytes, where they are no part of the file; and its entry's address, after placing. */
int x86_fill_kernel(struct boot *b, struct err *err);
uint64_t x86_entry_address(const struct boot *b);
/* X86_MODE_* for the purgatory. */
unsigned x86_mode(const struct boot *b);
