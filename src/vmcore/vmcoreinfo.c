/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own description of itself: kernel/crash_core.c (kernel/vmcore_info.c since 6.8), docs/formats/vmcoreinfo.md. */
#include <string.h>

#include "base/ckd.h"
#include "vmcore/dump.h"

bool vmcoreinfo_text(const struct dump *d, const char *key, struct span *value)
{
	struct span rest = buf_span(&d->vmcoreinfo);
	size_t klen = strlen(key);

	while (rest.len) {
		/* The last line may lack its newline: the kernel cuts the text where its page ends. */
		const uint8_t *nl = memchr(rest.ptr, '\n', rest.len);
		size_t len = nl ? (size_t)(nl - rest.ptr) : rest.len;

		if (len > klen && rest.ptr[klen] == '=' && !memcmp(rest.ptr, key, klen)) {
			struct span v = span_sub(rest, klen + 1, len - klen - 1);
			const uint8_t *nul = v.len ? memchr(v.ptr, 0, v.len) : NULL;

			*value = nul ? span_of(v.ptr, (size_t)(nul - v.ptr)) : v;
			return true;
		}
		rest = nl ? span_from(rest, len + 1) : (struct span){NULL, 0};
	}
	return false;
}

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

static bool parse(struct span s, unsigned base, uint64_t *out)
{
	uint64_t v = 0;

	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int one = digit(s.ptr[i]);

		if (one >= (int)base || ckd_mul(&v, v, base) || ckd_add(&v, v, (unsigned)one))
			return false;
	}
	*out = v;
	return true;
}

bool vmcoreinfo_hex(const struct dump *d, const char *key, uint64_t *value)
{
	struct span s;

	if (!vmcoreinfo_text(d, key, &s))
		return false;
	if (s.len > 2 && s.ptr[0] == '0' && s.ptr[1] == 'x')
		s = span_from(s, 2);
	return parse(s, 16, value);
}

bool vmcoreinfo_number(const struct dump *d, const char *key, uint64_t *value)
{
	struct span s;

	if (!vmcoreinfo_text(d, key, &s))
		return false;
	bool minus = s.len && s.ptr[0] == '-';
	if (minus)
		s = span_from(s, 1);
	bool hex = s.len > 2 && s.ptr[0] == '0' && s.ptr[1] == 'x';
	if (!parse(hex ? span_from(s, 2) : s, hex ? 16 : 10, value))
		return false;
	if (minus)
		*value = -*value;
	return true;
}
