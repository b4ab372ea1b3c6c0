/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A unified kernel image as small as one can be, for tests. */
#pragma once
#include <string.h>

#include "base/put.h"
#include "image/pe.h"

enum { UKI_MAKE_SIZE = 0x1000, UKI_MAKE_PE = 0x80, UKI_MAKE_OPT = 0xf0, UKI_MAKE_DATA = 0x600 };
#define UKI_MAKE_TABLE (UKI_MAKE_PE + 24 + UKI_MAKE_OPT)

struct uki_make {
	uint8_t bytes[UKI_MAKE_SIZE];
	size_t len;
	unsigned sections;
};

static inline void uki_make_begin(struct uki_make *m, uint16_t machine)
{
	memset(m, 0, sizeof(*m));
	memcpy(m->bytes, "MZ", 2);
	put_le(m->bytes + 0x3c, UKI_MAKE_PE, 4);
	memcpy(m->bytes + UKI_MAKE_PE, "PE\0\0", 4);
	put_le(m->bytes + UKI_MAKE_PE + 4, machine, 2);
	put_le(m->bytes + UKI_MAKE_PE + 20, UKI_MAKE_OPT, 2);
	m->len = UKI_MAKE_DATA;
}

/* The header of the section that was added last. */
static inline uint8_t *uki_make_last(struct uki_make *m)
{
	return m->bytes + UKI_MAKE_TABLE + 40 * (m->sections - 1);
}

/* Pads the bytes in the file to 64, as linkers do to 512. */
static inline void uki_make_add(struct uki_make *m, const char *name, const void *data, size_t len)
{
	size_t padded = (len + 63) & ~(size_t)63;
	uint8_t *h;

	m->sections++;
	put_le(m->bytes + UKI_MAKE_PE + 6, m->sections, 2);
	h = uki_make_last(m);
	memcpy(h, name, strnlen(name, 8));
	put_le(h + 8, len, 4);
	put_le(h + 12, 0x10000 * m->sections, 4);
	put_le(h + 16, padded, 4);
	put_le(h + 20, m->len, 4);
	memcpy(m->bytes + m->len, data, len);
	m->len += padded;
}

static inline void uki_make_text(struct uki_make *m, const char *name, const char *text)
{
	uki_make_add(m, name, text, strlen(text));
}
