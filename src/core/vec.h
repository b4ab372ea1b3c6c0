/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stddef.h>
#include <stdint.h>

/*
 * A growing array of any type: `VEC(struct range) free;`, zero-initialised; items are v[0..n).
 * A named type: `struct range_list VEC_BODY(struct range);`.
 * vec_push gives 0 or -ENOMEM (nothing changed). vec_done releases the array (not what items own).
 */
#define VEC_BODY(T)                                                                                \
	{                                                                                          \
		T *v;                                                                              \
		size_t n, cap;                                                                     \
	}
#define VEC(T) struct VEC_BODY(T)

int vec_grow(void **v, size_t *cap, size_t n, size_t item);

#define vec_push(vec, item)                                                                        \
	(vec_grow((void **)&(vec)->v, &(vec)->cap, (vec)->n, sizeof(*(vec)->v)) < 0                \
		 ? -12 /* ENOMEM */                                                                \
		 : ((vec)->v[(vec)->n++] = (item), 0))

#define vec_done(vec) (free((vec)->v), (vec)->v = NULL, (vec)->n = (vec)->cap = 0, (void)0)
