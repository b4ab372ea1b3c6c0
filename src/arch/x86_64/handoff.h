/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What struct handoff's args mean to the x86_64 purgatory. */
#define X86_ARG_INFO 0 /* physical address of what the kernel is told: see the modes */
#define X86_ARG_MODE 1 /* X86_MODE_* */
#define X86_ARG_EAX  2 /* %eax in X86_MODE_EBX and _MULTIBOOT */

#define X86_MODE_64 0 /* 64-bit, paging on, %rsi = info: boot.rst "64-bit boot protocol" */
/* Protected mode, paging off, %esi = info: boot.rst "32-bit boot protocol". */
#define X86_MODE_32   1
#define X86_MODE_EBX  2 /* the same with %ebx = info: PVH */
#define X86_MODE_64_4 3 /* X86_MODE_64 with four levels of page tables, not the five in use */
#define X86_MODE_16   4 /* real mode, at info + 0x200: boot.rst "Running the Kernel" */
/* X86_MODE_EBX, with 8259 and 8254 as a BIOS leaves them: Multiboot 0.6.96, 3.2; 2.0, 3.5. */
#define X86_MODE_MULTIBOOT 5
