/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of this folder. */
#pragma once
#include "arch/arch.h"
#include "arch/dtb.h"

/*
 * The decompressor takes the start of RAM from the address that it runs at: the multiple of 128 MiB
 * below (AUTO_ZRELADDR, arch/arm/boot/compressed/head.S). Since Linux 5.12 only where the device
 * tree calls that RAM, else the lowest RAM rounded up to 2 MiB; and that always, since 5.16, where
 * it has a linux,usable-memory-range (fdt_check_mem_start.c).
 */
#define ARM_BLOCK     (128ull << 20)
#define ARM_MEM_ALIGN (2ull << 20)
/* What the start of RAM is a multiple of: arch/arm/kernel/phys2virt.S; since 5.11 2 MiB will do. */
#define ARM_IMAGE_ALIGN (16ull << 20)

int arm_layout(struct boot *b, struct err *err);
int arm_fill(struct boot *b, struct err *err);

/* True when the next kernel is handed a device tree: the user's or the machine's. */
bool arm_has_dtb(const struct boot *b);

/* RAM of the capture kernel; @out is empty on entry. 0 | -ENOMEM. */
int arm_capture_memory(const struct boot *b, struct range_list *out);

/* Bytes that the tags take at most. */
uint64_t arm_atags_size(const struct boot *b);
/* The tag list of a load whose pieces have their places; @out is empty on entry. */
int arm_atags_build(const struct boot *b, struct buf *out, struct err *err);

extern const struct dtb_rules arm_dtb_rules;

/* The embedded purgatory object. */
struct span arm_purgatory(void);
