/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only the kernel itself tells, once it is unpacked: notes, build id, banner, configuration.
 * docs/formats/vmlinux.md, "Inside".
 */
#pragma once
#include "image/image.h"

/*
 * Write to @m what @kernel tells: notes, build_id, version where the container has none, and, of an
 * ELF file, footprint_running. @kernel may be cut where image_head_wanted() says. What it lacks
 * stays unknown. 0 | -EBADMSG: of an ELF file's format, but no sound one; @m is untouched.
 */
int image_look_inside(struct image *m, struct span kernel, struct err *err);

/*
 * The configuration that CONFIG_IKCONFIG puts into @kernel, as a packed part; it borrows @kernel.
 * Source: kernel/configs.c.
 */
void image_find_config(struct image *m, struct span kernel);

/*
 * A codec_wanted: an ELF file up to the end of its notes, behind which nothing is looked for
 * (include/asm-generic/vmlinux.lds.h, RO_DATA: they follow .rodata); all of everything else.
 */
uint64_t image_head_wanted(struct span so_far);

/* The release in the banner of an unpacked kernel; @m->version stays where there is none. */
void image_read_banner(struct image *m, struct span kernel);
