/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Module CRCs in a ppc64 kernel that relocates itself. Where a CRC fills a word (until 4.9), the
 * linker gives it an entry in .rela.dyn like an address; the kernel's own loop
 * (arch/powerpc/kernel/reloc_64.S) then adds the distance that it was moved, and no module is let
 * in. docs/formats/module-crcs.md, "Kernels that relocate themselves".
 */
#pragma once
#include "core/buf.h"
#include "image/image.h"

enum selfreloc {
	SELFRELOC_HARMLESS, /* no entry points into a CRC table */
	SELFRELOC_UNDONE,   /* the kernel takes the distance out again when it looks at a CRC, */
	SELFRELOC_UNDONE_BY_PLACE, /* or rather the physical address that it runs at */
	SELFRELOC_CORRUPTS,
};

/*
 * What becomes of the CRCs of @im, an IMAGE_VMLINUX of ppc64 or ppc64le, when it is moved away from
 * its linked address. 0 | -EBADMSG: its .rela.dyn is damaged.
 */
int ppc64_selfreloc(const struct image *im, enum selfreloc *out, struct err *err);

/*
 * Makes the loop of a SELFRELOC_CORRUPTS kernel leave the CRCs alone, any other kernel is not
 * touched. @memory is what vmlinux_memory() gave for @im. The count of entries that were turned,
 * 0 where none had to be | -EBADMSG, as above.
 */
int ppc64_spare_crcs(const struct image *im, struct buf *memory, struct err *err);

/* may_move() of struct arch. */
int ppc64_may_move(const struct image *im, struct err *err);
