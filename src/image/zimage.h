/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ARM zImage: the self-extracting 32-bit ARM kernel. The words that loaders read are little-endian,
 * in BE8 kernels too; only the byte order mark is in the kernel's own order.
 * Format: docs/formats/zimage.md; Linux arch/arm/boot/compressed/{head.S,vmlinux.lds.S}.
 */
#pragma once
#include "core/buf.h"
#include "image/image.h"

/* Offsets in the file. */
enum {
	ZI_MAGIC = 0x24,
	ZI_START = 0x28, /* 0 where the code runs anywhere */
	ZI_END = 0x2c,   /* counts from the same zero as ZI_START */
	ZI_ENDIAN = 0x30,
	ZI_MAGIC2 = 0x34,
	ZI_TABLE = 0x38,
};

#define ZI_MAGIC_WORD  0x016f2818u
#define ZI_MAGIC2_WORD 0x45454545u
#define ZI_TAG_SIZES   0x5a534c4bu /* "KLSZ" in the file */

/*
 * 0 | -ENOEXEC: no zImage (@err untouched) | -EBADMSG: one, but damaged (@err says where).
 * On success @out borrows @file; the footprints count from the start of the RAM that the kernel
 * chooses (where text_offset counts from), and are 0 where the image has no sizes.
 */
int zimage_parse(struct span file, struct image *out, struct err *err);

/*
 * Find the payload of @m by its first bytes and unpack it, to learn what an image without a size
 * tag does not say: payload_off, payload_size, compression, unpacked_size, version, text_offset,
 * bss_size and both footprints. Where what it unpacks to does not tell the last three, a bound
 * stands for them and @m->guessed is set. Takes as long as unpacking does. What the tag said stays.
 * 0 | -ENOTSUP: nothing in it unpacks (here) | -ENOMEM.
 */
int zimage_measure(struct image *m, struct err *err);
/* The same, and what the payload unpacks to, appended to @kernel (empty on entry). */
int zimage_unpack(struct image *m, struct buf *kernel, struct err *err);

/* What is kept free for a bss of unknown size; the largest of Debian's kernels have 6 MiB. */
#define ZI_BSS_GUESS (16ull << 20)
