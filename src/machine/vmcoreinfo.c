/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/vmcoreinfo.h"

#include <string.h>

#include "machine/text.h"

struct span vmcoreinfo_get(struct span text, const char *key)
{
	return text_value(text, key, '=');
}

/* Written with %lx: VMCOREINFO_SYMBOL, and numbers of some CPUs that are no NUMBER(). */
static bool is_hex(const char *key)
{
	static const char *const keys[] = {"KERNELOFFSET", "KERNELOFFPHYS", "IDENTITYBASE",
					   "SAMODE31", "EAMODE31"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(key, keys[i]))
			return true;
	return !strncmp(key, "SYMBOL(", 7);
}

bool vmcoreinfo_u64(struct span text, const char *key, uint64_t *value)
{
	bool hex = is_hex(key);
	struct span v = text_trim(vmcoreinfo_get(text, key));
	bool negative = !hex && v.len && v.ptr[0] == '-';
	uint64_t n;

	if (negative)
		v = span_from(v, 1);
	if (!text_u64(v, hex ? 16 : 0, &n) || (negative && n > (uint64_t)INT64_MAX + 1))
		return false;
	*value = negative ? -n : n;
	return true;
}
