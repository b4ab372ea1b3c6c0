/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The x86 boot protocol as a set of pieces and constraints: Documentation/arch/x86/boot.rst
 * (Linux 6.12) and, where it is silent, arch/x86/boot/compressed. layout() and fill() of struct
 * arch.
 */
#pragma once
#include "arch/boot.h"

int x86_layout(struct boot *b, struct err *err);
int x86_fill(struct boot *b, struct err *err);
