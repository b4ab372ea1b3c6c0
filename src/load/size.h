/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "image/image.h"

/*
 * Bytes that a kernel takes while it starts: to unpack itself, or to run where it need not. 0 = it
 * does not tell.
 */
uint64_t size_of_kernel(const struct image *image);
