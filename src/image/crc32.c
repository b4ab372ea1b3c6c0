/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/crc32.h"

enum { WAYS = 8 };

/* t[k][b]: what byte @b comes to when @k zero bytes follow it. Made anew each time, for the
 * library keeps no state: 2048 steps against the millions of a kernel. */
static void make_table(uint32_t t[WAYS][256])
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t v = b;

		for (int bit = 0; bit < 8; bit++)
			v = v >> 1 ^ (v & 1 ? 0xedb88320 : 0);
		t[0][b] = v;
	}
	for (int k = 1; k < WAYS; k++)
		for (uint32_t b = 0; b < 256; b++)
			t[k][b] = t[k - 1][b] >> 8 ^ t[0][t[k - 1][b] & 0xff];
}

uint32_t crc32_of(uint32_t crc, struct span s)
{
	uint32_t t[WAYS][256];

	make_table(t);
	crc = ~crc;
	for (; s.len >= WAYS; s = span_from(s, WAYS)) {
		const uint8_t *p = s.ptr;

		crc = t[7][p[0] ^ (crc & 0xff)] ^ t[6][p[1] ^ (crc >> 8 & 0xff)] ^
		      t[5][p[2] ^ (crc >> 16 & 0xff)] ^ t[4][p[3] ^ crc >> 24] ^ t[3][p[4]] ^
		      t[2][p[5]] ^ t[1][p[6]] ^ t[0][p[7]];
	}
	for (size_t i = 0; i < s.len; i++)
		crc = crc >> 8 ^ t[0][(s.ptr[i] ^ crc) & 0xff];
	return ~crc;
}
