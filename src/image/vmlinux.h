/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel as a plain ELF file: what "make vmlinux" links, and what ppc64 boots. 32 or 64 bits,
 * either byte order. Format: docs/formats/vmlinux.md; System V ABI chapter 5.
 */
#pragma once
#include "core/buf.h"
#include "image/image.h"

/* From the lowest to the highest byte of its memory; a larger one is no kernel. */
#define VMLINUX_SPAN_MAX (1u << 30)
/*
 * From the lowest byte to the last one of the file's, of a file of @len bytes: what
 * vmlinux_memory() writes. Gaps are for alignment: 2 MiB, on arm64 64 KiB for each segment.
 */
#define VMLINUX_GAPS_MAX(len) (8 * (uint64_t)(len) + (64 << 20))
/* Program headers; a kernel has less than ten. */
#define VMLINUX_PHDRS_MAX 64

/*
 * ppc64: the word __run_at_load, that many bytes behind the start. 1: the kernel runs where it was
 * loaded; "run0": it moves itself to address 0 (Linux 6.1 arch/powerpc/kernel/head_64.S).
 */
#define VMLINUX_PPC64_RUN_AT_LOAD 0x5c

/*
 * 0 | -ENOEXEC: no ELF, or one that is no Linux kernel (@err untouched) | -EBADMSG: a kernel, but
 * damaged (@err says where). On success @out borrows @file.
 */
int vmlinux_parse(struct span file, struct image *out, struct err *err);

/*
 * Append the kernel's memory from vm.phys on, as it must lie: every PT_LOAD at its place, zeros
 * between; vm.file_end - vm.phys bytes. @im is what vmlinux_parse() gave. 0 | -ENOMEM.
 */
int vmlinux_memory(const struct image *im, struct buf *out);
