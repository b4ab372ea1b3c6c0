/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86 bzImage: real-mode setup code followed by a self-extracting protected-mode kernel.
 * Format: docs/formats/bzimage.md; Linux Documentation/arch/x86/boot.rst (protocol 2.00 to 2.15).
 */
#pragma once
#include "image/image.h"

/* 0 | -ENOEXEC: no bzImage (@err untouched) | -EBADMSG: one, but damaged | -ENOTSUP: older than 2.00 or a zImage (loaded low). */
int bzimage_parse(struct span file, struct image *out, struct err *err);
