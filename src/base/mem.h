/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stddef.h>

/*
 * The four functions that a compiler may call behind one's back (gcc manual, -ffreestanding), for
 * purgatories only: hosted code has them from libc. mem.c must be compiled so that its loops do
 * not become calls to themselves (purgatory/build.sh). C17 7.24. Freestanding.
 */
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *at, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
