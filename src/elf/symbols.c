/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/symbols.h"

#include "base/cursor.h"

static unsigned symbol_size(bool elf32)
{
	return elf32 ? ELF32_SYM_SIZE : ELF64_SYM_SIZE;
}

bool elf_symbols_find(const struct elf *e, struct span file, uint32_t type, struct elf_symbols *out)
{
	for (uint32_t i = 0; i < e->shnum; i++) {
		struct elf_shdr tab = elf_shdr_at(e, file, i);

		if (tab.type != type || tab.entsize != symbol_size(e->elf32))
			continue;
		struct elf_shdr names = elf_shdr_at(e, file, tab.link);

		out->table = elf_section(file, &tab);
		out->names = elf_section(file, &names);
		out->elf32 = e->elf32;
		out->big = e->big;
		out->n = out->table.len / symbol_size(e->elf32);
		return out->n && out->names.len;
	}
	return false;
}

struct elf_sym elf_symbol_at(const struct elf_symbols *s, uint64_t i)
{
	if (i >= s->n)
		return (struct elf_sym){0};
	struct cursor c = cursor_at(s->table, i * symbol_size(s->elf32), s->big);
	struct elf_sym sym = {.name = cursor_u32(&c)};

	/* The two classes order the same fields differently. */
	if (s->elf32) {
		sym.value = cursor_u32(&c);
		sym.size = cursor_u32(&c);
	}
	sym.info = cursor_u8(&c);
	sym.other = cursor_u8(&c);
	sym.shndx = cursor_u16(&c);
	if (!s->elf32) {
		sym.value = cursor_u64(&c);
		sym.size = cursor_u64(&c);
	}
	return sym;
}

const char *elf_symbol_name(const struct elf_symbols *s, const struct elf_sym *sym)
{
	return elf_string(s->names, sym->name);
}
