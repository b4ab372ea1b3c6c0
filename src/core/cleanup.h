/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdlib.h>
#include <unistd.h>

/* Scope-bound release: `_cleanup_(freep) char *p = NULL;`. */
#define _cleanup_(fn) __attribute__((cleanup(fn)))

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
