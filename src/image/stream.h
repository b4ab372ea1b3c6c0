/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a compressed kernel begins in a file that unpacks itself and does not tell. */
#pragma once
#include "image/image.h"

/*
 * The first stream of @file that begins at *@at or behind it, which then is its place;
 * COMP_UNKNOWN: there is none. By more than its magic: flags that nobody sets, checksums, sizes. It
 * may be chance all the same.
 */
enum image_compression stream_find(struct span file, size_t *at);
