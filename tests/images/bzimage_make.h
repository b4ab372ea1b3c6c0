/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small bzImage for tests: header, setup code with the banner, and a payload that looks like a
 * compressed one. Nothing in it can run. tests/images/bzimage.py writes the same for scripts.
 */
#pragma once
#include <stdlib.h>
#include <string.h>

#include "base/put.h"
#include "base/span.h"

struct bzimage_make {
	uint16_t protocol;
	uint8_t setup_sects;
	uint16_t xloadflags;
	uint64_t pref_address;
	uint32_t init_size, alignment, unpacked, code; /* code: bytes of protected-mode code */
	const char *banner;
};

#define BZIMAGE_MAKE                                                                               \
	{.protocol = 0x20f, .setup_sects = 2, .xloadflags = 0x7f, .pref_address = 0x1000000,       \
	 .init_size = 0x3378000, .alignment = 0x200000, .unpacked = 53241868, .code = 0x400,       \
	 .banner = "6.1.0-50-test (builder@host) #1 SMP"}

enum { BZIMAGE_MAKE_MAX = 4096, BZIMAGE_PAYLOAD = 0x40 };

/* The bytes of the image, from malloc: exactly as long, so that valgrind sees a read too far. */
static inline struct span bzimage_make(const struct bzimage_make *o)
{
	uint32_t setup = (o->setup_sects + 1u) * 512, len = setup + o->code;
	uint8_t *p = calloc(1, len);

	if (!p)
		abort();
	p[0x1f1] = o->setup_sects;
	put_le(p + 0x1f4, o->code / 16, 4);
	put_le(p + 0x1fe, 0xaa55, 2);
	memcpy(p + 0x200, "\xeb\x6aHdrS", 6);
	put_le(p + 0x206, o->protocol, 2);
	put_le(p + 0x20e, setup - 0x200 - 0x80, 2);
	p[0x211] = 1; /* LOADED_HIGH */
	put_le(p + 0x214, 0x100000, 4);
	put_le(p + 0x22c, 0x7fffffff, 4);
	put_le(p + 0x230, o->alignment, 4);
	p[0x234] = 1;
	p[0x235] = 21;
	put_le(p + 0x236, o->xloadflags, 2);
	put_le(p + 0x238, 2047, 4);
	put_le(p + 0x248, BZIMAGE_PAYLOAD, 4);
	put_le(p + 0x24c, o->code - BZIMAGE_PAYLOAD, 4);
	put_le(p + 0x258, o->pref_address, 8);
	put_le(p + 0x260, o->init_size, 4);
	strncpy((char *)p + setup - 0x80, o->banner, 0x7f);
	memcpy(p + setup + BZIMAGE_PAYLOAD, "\x28\xb5\x2f\xfd", 4);
	put_le(p + len - 4, o->unpacked, 4);
	return span_of(p, len);
}
