/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/part.h"

int parts_add(struct image_parts *p, struct image_part part, struct err *err)
{
	if (p->n == PARTS_MAX)
		return fail(err, EBADMSG, "holds more than %d parts", PARTS_MAX);
	p->v[p->n++] = part;
	return 0;
}

const struct image_part *parts_find(const struct image_parts *p, enum image_part_kind kind)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->v[i].kind == kind)
			return &p->v[i];
	return NULL;
}

const char *part_name(enum image_part_kind kind)
{
	static const char *const names[PART_KINDS] = {
		[PART_KERNEL] = "kernel",   [PART_INITRD] = "initrd",
		[PART_DTB] = "dtb",         [PART_DTBO] = "dtbo",
		[PART_CMDLINE] = "cmdline", [PART_CONFIG] = "config",
		[PART_UNAME] = "uname",     [PART_OSREL] = "osrel",
		[PART_UCODE] = "ucode",     [PART_BOOTCONFIG] = "bootconfig",
	};

	return (size_t)kind < PART_KINDS ? names[kind] : NULL;
}
