/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/arch.h"

#include <string.h>

#define ARCH_ENTRY(cpu) &arch_##cpu,
static const struct arch *const table[] = {ARCH_CPUS(ARCH_ENTRY)};

const struct arch *arch_nth(size_t n)
{
	return n < sizeof(table) / sizeof(*table) ? table[n] : NULL;
}

const struct arch *arch_by_name(const char *name)
{
	if (!name)
		return NULL;
	if (!strcmp(name, "amd64"))
		name = "x86_64";
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (!strcmp(table[i]->name, name))
			return table[i];
	return NULL;
}
