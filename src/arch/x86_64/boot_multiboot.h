/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a multiboot kernel differs from Linux, for layout, fill and kernel of this folder: what it is
 * told, where it may lie, how it is entered.
 */
#pragma once
#include "arch/boot.h"

/* 0 | -ENOTSUP: a crash load; information that it demands and nobody can give. */
int x86_check_multiboot(struct boot *b, struct err *err);
/* The kernel's piece; then those of modules and information. */
int x86_add_multiboot_kernel(struct boot *b, struct err *err);
int x86_add_multiboot_info(struct boot *b, struct err *err);
/* After placing. @map: memory of the next kernel. */
int x86_fill_multiboot_kernel(struct boot *b, struct err *err);
int x86_fill_multiboot_info(struct boot *b, const struct mem_map *map, struct err *err);
uint64_t x86_multiboot_entry(const struct boot *b);
/* What it finds in %eax. */
uint32_t x86_multiboot_magic(const struct boot *b);
