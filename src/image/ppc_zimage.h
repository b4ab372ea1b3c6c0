/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The boot wrapper of powerpc (zImage, zImage.pseries, zImage.epapr …): an ELF program of 32 or 64
 * bits that Open Firmware starts, with the kernel and maybe an initrd and a device tree in sections
 * of their own. The program itself is not needed: what the sections hold is taken out.
 * Format: docs/formats/ppc-zimage.md; Linux arch/powerpc/boot/{wrapper,zImage.lds.S,main.c}.
 */
#pragma once
#include "image/image.h"

/* All borrow the file; what is not there is empty. */
struct ppc_zimage {
	struct span kernel; /* an ELF file, mostly compressed */
	enum image_compression compression;
	struct span initrd, dtb;
	bool wrapper32, wrapper_big; /* what the wrapper is, which the kernel need not be */
};

/*
 * 0 | -ENOEXEC: no ELF file of PowerPC, or one without a kernel's section (@err untouched) |
 * -EBADMSG: one, but damaged or cut | -ENOTSUP: of a compression that is not known.
 */
int ppc_zimage_read(struct span file, struct ppc_zimage *out, struct err *err);

/* The same as parts of @out. */
int ppc_zimage_parse(struct span file, struct image *out, struct err *err);
