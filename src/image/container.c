/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/container.h"

int container_add(struct image *m, struct image_part part, struct err *err)
{
	if (!part.data.len)
		return 0;
	if (part.kind == PART_KERNEL) {
		m->compression = part.compression;
		m->payload_off = (uint64_t)(part.data.ptr - m->file.ptr);
		m->payload_size = part.data.len;
	}
	return parts_add(&m->parts, part, err);
}
