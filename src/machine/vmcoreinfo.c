/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/vmcoreinfo.h"

#include <string.h>

#include "machine/text.h"

struct span vmcoreinfo_get(struct span text, const char *key)
{
	return text_value(text, key, '=');
}

bool vmcoreinfo_u64(struct span text, const char *key, uint64_t *value)
{
	bool hex = !strncmp(key, "SYMBOL(", 7) || !strcmp(key, "KERNELOFFSET");
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
