/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Property: the two ways in agree on every input, and no segment or section reaches outside the
 * file. */
#include "core/fuzz.h"
#include "elf/reader.h"

static int span_read_at(void *ctx, uint64_t off, void *buf, size_t len)
{
	struct span s = span_sub(*(struct span *)ctx, off, len);

	if (len && !s.ptr)
		return -ENODATA;
	if (len)
		memcpy(buf, s.ptr, len);
	return 0;
}

static void inside(struct span file, struct span part)
{
	if (part.len && (part.ptr < file.ptr || part.len > file.len ||
			 (size_t)(part.ptr - file.ptr) > file.len - part.len))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_of(data, size);
	struct elf_io io = {span_read_at, &file, size};
	struct elf_phdrs phdrs = {0};
	struct elf_shdr found;
	struct elf e, loaded;
	int r = elf_parse(file, &e, NULL), q = elf_load(&io, &loaded, &phdrs, NULL);

	/* elf_load does not look at the section table: it may accept more. */
	if (!r && q)
		abort();
	if (!q && phdrs.n != loaded.phnum)
		abort();
	if (!r) {
		for (uint32_t i = 0; i < e.phnum; i++) {
			struct elf_phdr p = elf_phdr_at(&e, file, i);

			if (memcmp(&p, &phdrs.v[i], sizeof(p)) != 0)
				abort();
			inside(file, elf_segment(file, &p));
		}
		for (uint32_t i = 0; i < e.shnum; i++) {
			struct elf_shdr s = elf_shdr_at(&e, file, i);

			inside(file, elf_section(file, &s));
		}
		elf_find_section(&e, file, ".text", &found);
	}
	vec_done(&phdrs);
	return 0;
}
