/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/human.h"

#include <stdio.h>

static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

const char *human_size(char out[HUMAN_LEN], uint64_t bytes)
{
	unsigned u = 0;
	uint64_t whole = bytes;
	double v;

	while (u + 1 < sizeof(units) / sizeof(units[0]) && whole >= 1024) {
		whole >>= 10;
		u++;
	}
	if (!(bytes & (((uint64_t)1 << 10 * u) - 1))) {
		snprintf(out, HUMAN_LEN, "%llu %s", (unsigned long long)whole, units[u]);
		return out;
	}
	v = (double)bytes / (double)((uint64_t)1 << 10 * u);
	snprintf(out, HUMAN_LEN,
		 v >= 100  ? "%.0f %s"
		 : v >= 10 ? "%.1f %s"
			   : "%.2f %s",
		 v, units[u]);
	return out;
}
