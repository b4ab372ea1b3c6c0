/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel that is loaded, out of the file that the user named: most unpack themselves; a plainly
 * compressed file (Image.gz), EFI zboot and every container with a PART_KERNEL do not, and are
 * opened here, one inside the other.
 */
#pragma once
#include "core/buf.h"
#include "image/image.h"

/* As much as a kernel ever unpacks to; bounds the work of a hostile file. */
#define UNWRAP_MAX (256ull << 20)
/* Containers in containers: vmlinuz.efi in a UKI that is packed once more has 3. */
#define UNWRAP_LEVELS 4

struct unwrapped {
	const struct image_choice *choice; /* the caller's, before; of the outermost; or NULL */
	struct image outer;  /* of the file itself, or of what it unpacks to as a whole */
	struct image kernel; /* the innermost; the same as @outer where that is no container */
	/* No kernels. Each kind is of one container, the outermost that has it. */
	struct image_parts parts;
	enum codec packed; /* that the file is compressed with as a whole, or CODEC_UNKNOWN */
	unsigned levels;
	struct buf bytes[UNWRAP_LEVELS]; /* that the spans above point into, beside the file */
};

#define UNWRAPPED_INIT                                                                             \
	{                                                                                          \
		.levels = 0                                                                        \
	}

void unwrapped_done(struct unwrapped *u);

/*
 * @out (UNWRAPPED_INIT) borrows @file and is to be released; it holds nothing on failure. Errors of
 * image_parse() and codec_unpack(); -EBADMSG: nested too deep.
 */
int unwrap_kernel(struct span file, struct unwrapped *out, struct err *err);

/* 0 | -ENOTSUP: the file is an initrd or a device tree in a container. */
int unwrapped_is_kernel(const struct unwrapped *u, struct err *err);

/*
 * The kernel in @file as an ELF file, which need not be one that image_parse() knows: @elf points
 * into @file, @u or @payload (empty; the caller's, as @u is). -ENOTSUP: it is none.
 */
int unwrap_vmlinux(struct span file, struct unwrapped *u, struct buf *payload, struct span *elf,
		   struct err *err);

/*
 * The two steps of unwrap_kernel(): what the file is, and what is in it. @u holds what it held
 * where the second fails.
 */
int unwrap_outer(struct span file, struct unwrapped *out, struct err *err);
int unwrap_inner(struct unwrapped *u, struct err *err);
