/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CPUs that this program knows, in the order in which they are listed to users. One line each;
 * the other line that a CPU needs stands in meson.build. Everything else is its folder:
 * docs/PORTING.md.
 */
#pragma once

#define ARCH_CPUS(CPU)                                                                             \
	CPU(x86_64)                                                                                \
	CPU(i386)                                                                                  \
	CPU(arm)                                                                                   \
	CPU(arm64)                                                                                 \
	CPU(ppc64le)                                                                               \
	CPU(ppc64)                                                                                 \
	CPU(s390x)                                                                                 \
	CPU(riscv64)
