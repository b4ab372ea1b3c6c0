/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What struct handoff's args mean to the x86_64 purgatory. */
#define X86_ARG_BOOT_PARAMS 0 /* physical address of boot_params: %rsi at the entry */
#define X86_ARG_MODE        1 /* X86_MODE_* */

#define X86_MODE_64 0 /* 64-bit, paging on: boot.rst "64-bit boot protocol" */
#define X86_MODE_32 1 /* protected mode, paging off: boot.rst "32-bit boot protocol" */
