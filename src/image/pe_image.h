/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that is an EFI program and nothing else that we know: vmlinux.efi of loongarch64, and
 * what comes. Firmware starts it; nothing here can. bzImage, Image, zImage and zboot, which can be
 * EFI programs too, have parsers of their own.
 * Format: docs/formats/pe.md; Microsoft PE Format.
 */
#pragma once
#include "image/image.h"

/*
 * 0 | -ENOEXEC: no PE file, or no Linux in it (@err untouched) | -EBADMSG: one, but cut | -ENOTSUP:
 * for a CPU that has no name here. On success @out borrows @file.
 */
int pe_image_parse(struct span file, struct image *out, struct err *err);
