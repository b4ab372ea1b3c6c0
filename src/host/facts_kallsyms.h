/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/kallsyms: ten megabytes of text that take a tenth of a second, so it is streamed, once, and
 * no further than needed.
 */
#pragma once
#include "host/facts_root.h"

#define KALLSYM_NAMES 8

struct kallsym {
	const char *names[KALLSYM_NAMES]; /* one of these will do; NULL = unused */
	bool found;
	char kind;      /* as nm(1) writes it: 'T', 'W' */
	uint64_t value; /* 0 where the kernel hides addresses */
};

/*
 * Look up @n symbols. A snapshot gets only the lines found (with their addresses: those of
 * vmcoreinfo are no secret to it either). 0 | negative errno of a read. An absent file finds
 * nothing.
 */
int kallsyms_find(const struct facts_root *root, struct kallsym *syms, size_t n, struct err *err);
