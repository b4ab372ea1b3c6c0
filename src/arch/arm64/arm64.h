/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of this folder that plan a load. */
#pragma once
#include "arch/arch.h"
#include "arch/dtb.h"
#include "image/linux_image.h"

/*
 * COMMAND_LINE_SIZE without its NUL: arch/arm64/include/uapi/asm/setup.h, Linux 6.1. A longer line
 * is cut (drivers/of/fdt.c, early_init_dt_scan_chosen()).
 */
#define ARM64_LINE_MAX 2047

/* The boot protocol, struct arch's layout() and fill(): Documentation/arch/arm64/booting.rst. */
int arm64_layout(struct boot *b, struct err *err);
int arm64_fill(struct boot *b, struct err *err);

/* Bytes of the file that are loaded: a signature behind the kernel is not. */
struct span arm64_kernel_bytes(const struct boot *b);

extern const struct dtb_rules arm64_dtb_rules;

/* The embedded purgatory object. */
struct span arm64_purgatory(void);
