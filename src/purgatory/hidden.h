/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Included before every source of a purgatory (build.sh): -fvisibility=hidden speaks of definitions
 * only, and a compiler reaches what is merely declared through a GOT, which nobody makes here.
 */
#pragma once
#ifndef __ASSEMBLER__
#pragma GCC visibility push(hidden)
#endif
