/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parsers of containers share. */
#pragma once
#include "image/image.h"

/*
 * Add what is at @data in @m->file; nothing where it is empty. A kernel is the payload, too, and
 * its compression that of the image. 0 | -EBADMSG: too many parts
 */
int container_add(struct image *m, struct image_part part, struct err *err);

static inline int container_add_plain(struct image *m, enum image_part_kind kind, struct span data,
				      struct err *err)
{
	return container_add(
		m, (struct image_part){.kind = kind, .data = data, .compression = COMP_NONE}, err);
}
