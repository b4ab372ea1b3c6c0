/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Property: the walk ends, offsets grow, and names and contents lie inside the segment. First byte:
 * order and padding. */
#include "core/fuzz.h"
#include "elf/note.h"

static void inside(struct span all, struct span part)
{
	if (part.len && (part.ptr < all.ptr || part.len > all.len ||
			 (size_t)(part.ptr - all.ptr) > all.len - part.len))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	struct span all = span_of(data + 1, size - 1);
	struct elf_notes it = elf_notes_of(all, data[0] & 1, data[0] & 2 ? 8 : 4);
	struct elf_note n;
	uint64_t next = 0;

	while (elf_notes_next(&it, &n, NULL) == 1) {
		if (n.off < next || n.off + 12 > all.len)
			abort();
		next = n.off + 12;
		inside(all, n.name);
		inside(all, n.desc);
		(void)elf_note_is(&n, "CORE", 1);
	}
	return 0;
}
