/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The raw Image of arm64 and riscv64: the kernel's own memory as a file, with a header of 64 bytes
 * that may double as that of an EFI program. Format: docs/formats/image.md; Linux
 * Documentation/arch/arm64/booting.rst and Documentation/arch/riscv/boot-image-header.rst.
 */
#pragma once
#include "image/image.h"

/* Offsets in the file. The header's integers are little-endian in big-endian kernels too. */
enum {
	LI_CODE0 = 0x00,
	LI_TEXT_OFFSET = 0x08,
	LI_IMAGE_SIZE = 0x10,
	LI_FLAGS = 0x18,
	LI_VERSION = 0x20, /* riscv64 */
	LI_MAGIC = 0x30,   /* riscv64: "RISCV", deprecated since header version 0.2 */
	LI_MAGIC2 = 0x38,  /* "ARM\x64" or "RSC\x05" */
	LI_PE_OFF = 0x3c,
	LI_HEADER_SIZE = 0x40,
};

/* flags; all but the first of arm64 alone */
#define LI_FLAG_BIG        (1u << 0)
#define LI_FLAG_PAGE_SHIFT 1
#define LI_FLAG_ANYWHERE   (1u << 3)

/* The boundary that text_offset counts from, on both CPUs. */
#define LI_BASE_ALIGN 0x200000u

/*
 * 0 | -ENOEXEC: no such Image (@err untouched) | -EBADMSG: one, but damaged (@err says where).
 * On success @out borrows @file. Only the header of a kernel that firmware can start tells
 * the file's length; others may have been cut unseen.
 */
int linux_image_parse(struct span file, struct image *out, struct err *err);
