/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the files of this folder. The boot protocol: Documentation/arch/riscv/boot.rst and
 * boot-image-header.rst (Linux 6.12).
 */
#pragma once
#include "arch/arch.h"

/* COMMAND_LINE_SIZE without its NUL: arch/riscv/include/uapi/asm/setup.h, Linux 6.1. */
#define RISCV64_LINE_MAX 1023

int riscv64_layout(struct boot *b, struct err *err);
int riscv64_fill(struct boot *b, struct err *err);

/* The embedded purgatory object. */
struct span riscv64_purgatory(void);
