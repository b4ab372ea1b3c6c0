/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flat image of s390x ("image", "bzImage"): memory from address 0 on as a file. All integers
 * are big-endian. Format: docs/formats/s390-image.md; Linux arch/s390/boot/{head.S,vmlinux.lds.S}
 * and struct parmarea of arch/s390/include/asm/setup.h.
 */
#pragma once
#include "image/image.h"

/* Offsets in the file, and the same addresses in memory. */
enum {
	S390_ENTRY = 0x10000,       /* below lies what only an IPL from a device needs */
	S390_MAGIC = 0x10008,       /* "S390EP" */
	S390_ENTRY_KDUMP = 0x10010, /* 64-bit; see struct s390_image */
	S390_INITRD_START = 0x10408,
	S390_INITRD_SIZE = 0x10410,
	S390_OLDMEM_BASE = 0x10418,
	S390_OLDMEM_SIZE = 0x10420,
	S390_VERSION_AT = 0x10428,  /* address of the version string */
	S390_CMDLINE_MAX = 0x10430, /* 0 before Linux 5.16 */
	S390_CMDLINE = 0x10480,
};

/*
 * 0 | -ENOEXEC: no such image (@err untouched) | -EBADMSG: one, but damaged (@err says where).
 * On success @out borrows @file. Nothing in the file tells where the compressed kernel in it lies:
 * it is looked for.
 */
int s390_image_parse(struct span file, struct image *out, struct err *err);
