/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CRC-32 of zlib, U-Boot and Ethernet (polynomial 0xedb88320), without zlib: a build may lack
 * it. */
#pragma once
#include "base/span.h"

/* Continues @crc, which is 0 at first. */
uint32_t crc32_of(uint32_t crc, struct span s);
