/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The raw Image of 32-bit ARM (arch/arm/boot/Image): the kernel's memory as it is, with no header
 * at all. What a loader needs stands in its code: docs/formats/image.md, "32-bit ARM".
 */
#pragma once
#include "image/image.h"

/*
 * 0 | -ENOEXEC: nothing in it looks like the start-up code of such a kernel (@err untouched) |
 * -EBADMSG: it does, but where its bss ends is not to be found. On success @out borrows @file:
 * text_offset, image_size with bss, the footprint from the start of the image, version.
 */
int arm_image_parse(struct span file, struct image *out, struct err *err);
