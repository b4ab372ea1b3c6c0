/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/pe_image.h"

#include "base/cursor.h"
#include "image/payload.h"
#include "image/pe.h"

/* Offsets from the PE signature: OptionalHeader.SizeOfImage and its Magic. */
enum { PE_OFF = 0x3c, OPTIONAL = 24, SIZE_OF_IMAGE = OPTIONAL + 56, OPTIONAL_SIZE = 20 };

/* Bytes in memory; 0 where the optional header is too short to say. */
static uint64_t size_of_image(struct span file)
{
	struct cursor c = cursor_le(file, PE_OFF);
	uint64_t at = cursor_u32(&c);

	c = cursor_le(file, at + OPTIONAL_SIZE);
	if (cursor_u16(&c) < SIZE_OF_IMAGE - OPTIONAL + 4)
		return 0;
	c = cursor_le(file, at + SIZE_OF_IMAGE);
	return cursor_u32(&c);
}

int pe_image_parse(struct span file, struct image *out, struct err *err)
{
	struct image m = {.format = IMAGE_PE,
			  .file = file,
			  .compression = COMP_NONE,
			  .align = 1,
			  .relocatable = true,
			  .how = HOW_SELF};
	struct pe pe;

	if (pe_read(file, &pe))
		return -ENOEXEC;
	image_read_banner(&m, file);
	if (!m.version[0])
		return -ENOEXEC;
	m.arch = pe_arch(pe.machine);
	m.bits = pe_bits(pe.machine);
	if (pe.end > file.len)
		return fail_at(err, EBADMSG, file.len, "file ends at 0x%zx, its sections at 0x%llx",
			       file.len, (unsigned long long)pe.end);
	if (!m.arch)
		return fail(err, ENOTSUP,
			    "is a Linux kernel for a CPU that is not known here (PE machine 0x%x)",
			    pe.machine);
	m.footprint_running = size_of_image(file);
	*out = m;
	return 0;
}
