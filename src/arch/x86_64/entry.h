/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the entry.S of i386 and of x86_64 share. */
#pragma once

#define CODE	    0x10
#define DATA	    0x18
#define TASK	    0x20 /* 32-bit entries: PVH wants a task register with the 104 bytes of a TSS */
#define FLAGS_CLEAR 2	 /* bit 1 of the flags is always set; IF and DF are clear */

#define EXCEPTIONS  32
#define ERROR_CODES 0x60227d00 /* 8, 10 to 14, 17, 21, 29, 30 */
#define GATE	    0x8e00     /* interrupt gate, present */
#define STUB	    16	       /* bytes */

/* Flat data segments. Spoils EAX. */
	.macro	load_data_segments
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	.endm

/* One per exception. What it pushes besides flags, code and address: SDM volume 3, table 6-1. */
	.macro	exception_stubs iret
	.balign	STUB
stubs:
	.set	number, 0
	.rept	EXCEPTIONS
	.balign	STUB
	.if	number == 2
	\iret				/* NMI: somebody's watchdog; not ours */
	.else
	.ifeq	ERROR_CODES >> number & 1
	push	$0
	.endif
	push	$number
	jmp	exception
	.endif
	.set	number, number + 1
	.endr
	.balign	STUB
	.endm
