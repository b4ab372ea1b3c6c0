/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/pe.h"

#include <errno.h>
#include <string.h>

#include "base/cursor.h"

enum { PE_OFF = 0x3c, COFF_SIZE = 24, SECTION_SIZE = 40, NAME_SIZE = 8 };

static const struct cpu {
	uint16_t machine;
	unsigned bits;
	const char *arch;
} cpus[] = {
	{PE_MACHINE_X86_64, 64, "x86_64"},
	{PE_MACHINE_I386, 32, "i386"},
	{PE_MACHINE_ARM64, 64, "arm64"},
	{PE_MACHINE_ARM, 32, "arm"},
	{PE_MACHINE_RISCV64, 64, "riscv64"},
	{PE_MACHINE_ARMNT, 32, "arm"},
	{PE_MACHINE_LOONGARCH64, 64, "loongarch64"},
};

struct pe_section pe_section_at(struct span file, const struct pe *pe, unsigned i)
{
	struct pe_section s = {.at = pe->table + i * (uint64_t)SECTION_SIZE};
	struct cursor c = cursor_le(file, s.at);
	struct span name = cursor_take(&c, NAME_SIZE);
	uint32_t in_memory = cursor_u32(&c);

	if (name.ptr)
		memcpy(s.name, name.ptr, name.len);
	cursor_skip(&c, 4); /* VirtualAddress */
	s.size = cursor_u32(&c);
	s.off = cursor_u32(&c);
	/* Linkers of old leave VirtualSize 0. */
	if (in_memory && in_memory < s.size)
		s.size = in_memory;
	return s;
}

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

	pe.sections = cursor_u16(&c);
	cursor_skip(&c, 12);
	pe.table = at + COFF_SIZE + cursor_u16(&c);
	if (c.bad || !span_sub(file, pe.table, pe.sections * (uint64_t)SECTION_SIZE).ptr)
		return -ENOEXEC;
	for (unsigned i = 0; i < pe.sections; i++) {
		c = cursor_le(file, pe.table + i * (uint64_t)SECTION_SIZE + 16);
		uint64_t size = cursor_u32(&c), end = size + cursor_u32(&c);

		if (size && end > pe.end)
			pe.end = end;
	}
	*out = pe;
	return 0;
}

const char *pe_arch(uint16_t machine)
{
	for (size_t i = 0; i < sizeof(cpus) / sizeof(*cpus); i++)
		if (cpus[i].machine == machine)
			return cpus[i].arch;
	return NULL;
}

unsigned pe_bits(uint16_t machine)
{
	for (size_t i = 0; i < sizeof(cpus) / sizeof(*cpus); i++)
		if (cpus[i].machine == machine)
			return cpus[i].bits;
	return 64;
}
