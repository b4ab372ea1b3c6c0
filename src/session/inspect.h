/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "image/image.h"

/*
 * What the kernel file @path says of itself, as lines for a person or as the JSON object of
 * interface.md §3, appended to @out. The reason of a failure names the file. @note (ERR_INIT): why
 * what is packed inside could not be looked at, where that is so; the rest is shown all the same.
 * The kernel is unpacked only as far as its last note. @choice: as image_parse_as() has it.
 */
int session_inspect(const char *path, const struct image_choice *choice, bool json, struct buf *out,
		    struct err *note, struct err *err);

/*
 * Append one part of @path to @out, unpacked (an initrd as it is: the kernel unpacks it).
 * PART_KERNEL: the innermost kernel, without what it unpacks itself with. Several initrds are
 * joined as a load would join them. -ENOENT: there is none.
 */
int session_extract(const char *path, const struct image_choice *choice, enum image_part_kind kind,
		    struct buf *out, struct err *err);
