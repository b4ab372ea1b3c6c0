/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a ppc64 kernel is started by kexec, as pieces and constraints: Linux 6.1
 * arch/powerpc/kernel/{head_64.S,misc_64.S} and arch/powerpc/kexec/, Documentation/powerpc. One
 * for both byte orders. layout(), fill(), finish() and console() of struct arch.
 *
 * A kernel that is loaded anywhere but at its linked address (0) copies itself there, over whatever
 * lies there, unless the word __run_at_load in it is 1. A jump leaves it to that, so its pieces lie
 * above; a capture kernel stays in the crash region.
 */
#pragma once
#include "arch/boot.h"

int ppc64_layout(struct boot *b, struct err *err);
int ppc64_fill(struct boot *b, struct err *err);
int ppc64_finish(const struct boot *b, struct buf *image, uint64_t start, struct err *err);
bool ppc64_console(const struct boot *b, struct span name, struct handoff *h);
