/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The EFI zboot container: a small EFI program around a compressed Image of arm64, riscv64 or
 * loongarch64 (vmlinuz.efi). It unpacks itself only under EFI; for kexec somebody else must.
 * Format: docs/formats/zboot.md; Linux
 * drivers/firmware/efi/libstub/{zboot-header.S,Makefile.zboot}.
 */
#pragma once
#include "image/image.h"

/* Offsets in the file; integers are little-endian. */
enum {
	ZBOOT_MAGIC = 0x04, /* "zimg" */
	ZBOOT_PAYLOAD_OFF = 0x08,
	ZBOOT_PAYLOAD_SIZE = 0x0c, /* without the word that follows all but gzip */
	ZBOOT_TYPE = 0x18,         /* a name, NUL-terminated */
	ZBOOT_TYPE_MAX = 0x20,
};

/*
 * 0 | -ENOEXEC: no zboot image (@err untouched) | -EBADMSG: one, but damaged or cut | -ENOTSUP: of
 * a compression, or for a CPU, that is not known. On success @out borrows @file; image_payload()
 * gives the Image inside.
 */
int zboot_parse(struct span file, struct image *out, struct err *err);
