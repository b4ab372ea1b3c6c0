/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/pe.h"

#include <errno.h>
#include <string.h>

#include "base/cursor.h"

enum { PE_OFF = 0x3c, COFF_SIZE = 24, SECTION_SIZE = 40, RAW_SIZE = 16 };

int pe_read(struct span file, struct pe *out)
{
	struct span mz = span_sub(file, 0, 2);
	struct cursor c = cursor_le(file, PE_OFF);
	uint64_t at = cursor_u32(&c);
	struct span magic = span_sub(file, at, 4);

	if (c.bad || !mz.ptr || memcmp(mz.ptr, "MZ", 2) || !magic.ptr ||
	    memcmp(magic.ptr, "PE\0\0", 4))
		return -ENOEXEC;
	c = cursor_le(file, at + 4);
	struct pe pe = {.machine = cursor_u16(&c)};
	unsigned sections = cursor_u16(&c);

	cursor_skip(&c, 12);
	uint64_t table = at + COFF_SIZE + cursor_u16(&c);

	for (unsigned i = 0; i < sections && !c.bad; i++) {
		c = cursor_le(file, table + i * (uint64_t)SECTION_SIZE + RAW_SIZE);
		uint64_t size = cursor_u32(&c), end = size + cursor_u32(&c);

		if (size && end > pe.end)
			pe.end = end;
	}
	if (c.bad)
		return -ENOEXEC;
	*out = pe;
	return 0;
}
