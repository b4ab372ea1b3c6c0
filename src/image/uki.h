/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The unified kernel image: an EFI program whose PE sections are a kernel, its initrd, its command
 * line and more. The program itself, the stub, is not needed: what the sections hold is taken out.
 * Format: docs/formats/uki.md; UAPI.5, "Unified Kernel Image".
 */
#pragma once
#include "image/image.h"

/* Without a profile in the file there is one all the same, number 0. */
#define UKI_PROFILES_MAX 64

/* All borrow the file; a section that is not there has no ptr, one that is empty has no len. */
struct uki {
	uint16_t machine;  /* of the stub; PE_MACHINE_* */
	unsigned profiles; /* numbered from 0; at least 1 */
	struct span kernel, ucode, initrd, dtb, osrel, uname;
	struct span cmdline; /* without white space and NULs at its ends */
	unsigned dtbs;       /* .dtb and .dtbauto sections to choose from; @dtb is the first .dtb */
};

/*
 * The sections of profile @number, and those of the base profile that it lacks.
 * 0 | -ENOEXEC: no UKI: no PE file, or one without a kernel (@err untouched) | -EBADMSG: one, but
 * cut, or with a section twice | -EINVAL: it has no profile @number.
 */
int uki_read(struct span file, unsigned number, struct uki *out, struct err *err);

/* The same of profile 0, which a boot without a choice takes, as parts of @out. Errors of
 * uki_read(). */
int uki_parse(struct span file, struct image *out, struct err *err);
int uki_parse_as(struct span file, unsigned profile, struct image *out, struct err *err);
