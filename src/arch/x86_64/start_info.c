/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/x86_64/start_info.h"

#include <string.h>

#include "arch/x86_64/e820.h"
#include "base/put.h"

#define MAGIC 0x336ec578u

enum {
	VERSION = 1,
	HEAD = 56, /* the structure; then */
	MODULE = HEAD,
	MODULE_SIZE = 32,
	MAP = MODULE + MODULE_SIZE,
	MAP_ENTRY = 24,
	LINE = MAP + MAP_ENTRY * START_INFO_RANGES,
};

/* Offsets in the structure. */
enum {
	OFF_VERSION = 4,
	OFF_MODULES = 12,
	OFF_MODLIST = 16,
	OFF_CMDLINE = 24,
	OFF_RSDP = 32,
	OFF_MAP = 40,
	OFF_MAP_ENTRIES = 48,
};

uint64_t start_info_size(uint64_t cmdline)
{
	return LINE + cmdline + 1;
}

/* The types of the map are those of e820. */
static void put_map(const struct mem_map *map, uint8_t *out)
{
	uint8_t e[E820_ENTRY_SIZE];

	for (size_t i = 0; i < map->n; i++) {
		e820_put(e, &map->v[i]);
		memcpy(out + i * MAP_ENTRY, e, sizeof(e));
	}
}

int start_info_write(const struct start_info_in *in, uint64_t at, struct buf *out, struct err *err)
{
	size_t start = out->len;

	if (in->map->n > START_INFO_RANGES)
		return fail(err, ENOTSUP,
			    "the memory map has %zu ranges, the PVH entry takes at most %d",
			    in->map->n, START_INFO_RANGES);
	if (buf_zero(out, LINE) < 0 || buf_add(out, in->cmdline.ptr, in->cmdline.len) < 0 ||
	    buf_zero(out, 1) < 0)
		return fail(err, ENOMEM, "no memory for start_info");
	uint8_t *p = out->ptr + start;

	put_le(p, MAGIC, 4);
	put_le(p + OFF_VERSION, VERSION, 4);
	put_le(p + OFF_MODULES, in->initrd_len ? 1 : 0, 4);
	put_le(p + OFF_MODLIST, in->initrd_len ? at + MODULE : 0, 8);
	put_le(p + OFF_CMDLINE, at + LINE, 8);
	put_le(p + OFF_RSDP, in->rsdp, 8);
	put_le(p + OFF_MAP, at + MAP, 8);
	put_le(p + OFF_MAP_ENTRIES, in->map->n, 4);
	put_le(p + MODULE, in->initrd_at, 8);
	put_le(p + MODULE + 8, in->initrd_len, 8);
	put_map(in->map, p + MAP);
	return 0;
}
