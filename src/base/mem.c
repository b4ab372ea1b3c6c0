/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/mem.h"

#include <stdint.h>

/* Unaligned, and of any type: the backup of 640 KiB is copied by it. */
typedef uint64_t __attribute__((may_alias, aligned(1))) any_word;

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	uint8_t *d = to;
	const uint8_t *s = from;

	for (; n >= sizeof(any_word); n -= sizeof(any_word)) {
		*(any_word *)d = *(const any_word *)s;
		d += sizeof(any_word);
		s += sizeof(any_word);
	}
	while (n--)
		*d++ = *s++;
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	uint8_t *d = to;
	const uint8_t *s = from;

	if ((uintptr_t)d - (uintptr_t)s >= n) {
		while (n--)
			*d++ = *s++;
	} else {
		while (n--)
			d[n] = s[n];
	}
	return to;
}

void *memset(void *at, int byte, size_t n)
{
	uint8_t *d = at;

	while (n--)
		*d++ = (uint8_t)byte;
	return at;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}
