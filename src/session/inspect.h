/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel file is, and the parts of it. */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "image/image.h"

struct inspect_file {
	const char *path;
	const char *vendor_boot;    /* the file that goes with an Android boot image, or NULL */
	struct image_choice choice; /* the rest of it; as image_parse_as() has it */
};

/*
 * What the kernel file @f says of itself, as lines for a person or as the JSON object of
 * interface.md §3, appended to @out. The reason of a failure names the file. @note (ERR_INIT): why
 * what is packed inside could not be looked at, where that is so; the rest is shown all the same.
 * The kernel is unpacked only as far as its last note.
 */
int session_inspect(const struct inspect_file *f, bool json, struct buf *out, struct err *note,
		    struct err *err);

/*
 * Append one part of @f to @out, unpacked (an initrd as it is: the kernel unpacks it).
 * PART_KERNEL: the innermost kernel, without what it unpacks itself with. Others as a load would
 * take them: several initrds joined, overlays laid over the device tree. -ENOENT: there is none;
 * -ENOTSUP: no kernel.
 */
int session_extract(const struct inspect_file *f, enum image_part_kind kind, struct buf *out,
		    struct err *err);
