/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vec.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ckd.h"

int vec_grow(void **v, size_t *cap, size_t n, size_t item)
{
	size_t want, bytes;

	if (n < *cap)
		return 0;
	want = *cap ? *cap * 2 : 8;
	if (ckd_mul(&bytes, want, item))
		return -ENOMEM;
	void *p = realloc(*v, bytes);
	if (!p)
		return -ENOMEM;
	*v = p;
	*cap = want;
	return 0;
}
