/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel that is loaded, out of the file that the user named: most unpack themselves; an EFI
 * zboot container and a plainly compressed file (Image.gz) do not, and are unpacked here.
 */
#pragma once
#include "image/image.h"

/* As much as a kernel ever unpacks to; bounds the work of a hostile file. */
#define UNWRAP_MAX (256ull << 20)

/*
 * @image: of @file, or of what was unpacked to @bytes (empty on entry; the caller's, and @image
 * borrows it then). @outer: the format that the file itself has, for people. Errors of
 * image_parse() and codec_unpack().
 */
int unwrap_kernel(struct span file, struct buf *bytes, struct image *image,
		  enum image_format *outer, struct err *err);
