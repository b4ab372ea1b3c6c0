/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties: every line's key is found, and its first line wins; a number, written out in decimal
 * under a plain key, reads back the same.
 */
#include <stdio.h>

#include "core/fuzz.h"
#include "machine/text.h"
#include "machine/vmcoreinfo.h"

static void check_number(struct span text, const char *key)
{
	char line[64];
	uint64_t v, again;

	if (!vmcoreinfo_u64(text, key, &v))
		return;
	snprintf(line, sizeof(line), "K=%llu", (unsigned long long)v);
	assert(vmcoreinfo_u64(span_of(line, strlen(line)), "K", &again) && again == v);
	snprintf(line, sizeof(line), "K=%lld\n", (long long)v);
	assert(vmcoreinfo_u64(span_of(line, strlen(line)), "K", &again) && again == v);
	snprintf(line, sizeof(line), "SYMBOL(K)=%llx\n", (unsigned long long)v);
	assert(vmcoreinfo_u64(span_of(line, strlen(line)), "SYMBOL(K)", &again) && again == v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of(data, size), rest = text, line;
	unsigned lines = 0;

	while (text_line(&rest, &line) && lines++ < 64) {
		const uint8_t *eq = line.len ? memchr(line.ptr, '=', line.len) : NULL;
		char key[64];

		if (!eq || eq - line.ptr >= (long)sizeof(key) ||
		    memchr(line.ptr, 0, (size_t)(eq - line.ptr)))
			continue;
		snprintf(key, sizeof(key), "%.*s", (int)(eq - line.ptr), (const char *)line.ptr);
		struct span got = vmcoreinfo_get(text, key);

		assert(got.ptr && got.ptr <= eq + 1 && got.ptr + got.len <= data + size);
		check_number(text, key);
	}
	return 0;
}
