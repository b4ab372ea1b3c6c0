/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for the s390x purgatory to run on, without Linux: QEMU starts this in 64-bit mode. It leaves
 * the CPU as a kernel leaves it to a purgatory and jumps. The "next kernel" looks at the state that
 * it was entered in and whether the lowcore's PSW is as it was, tells the SCLP, and waits with
 * the address that ends QEMU. purgatory_image.c makes image.bin, payload.bin and image.inc.
 */
#include "image.inc"

#define MARK 0x1d0		/* program new PSW */

	.section .before, "ax", @progbits
	.globl	_start
_start:
	larl	%r1, mark
	lghi	%r2, 0
	mvc	MARK(16, %r2), 0(%r1)
	llilf	%r1, PURGATORY_START
	lghi	%r2, 0
	lghi	%r15, -1
	br	%r1
	.balign	8
mark:	.quad	0x0002000180000000, 0xbad	/* a wait that ends QEMU as a panic */

	.section .next, "ax", @progbits
next:	larl	%r1, mark
	lghi	%r2, 0
	larl	%r3, wrong
	clc	MARK(16, %r2), 0(%r1)
	jne	1f
	larl	%r3, fine
1:	larl	%r4, mask
	llilf	%r2, 0x00780005		/* WRITE EVENT MASK */
	bras	%r14, service
	lgr	%r4, %r3
	llilf	%r2, 0x00760005		/* WRITE EVENT DATA */
	bras	%r14, service
	larl	%r1, done
	lpswe	0(%r1)

/* %r2 = command, %r4 = SCCB: waits for the interruption at the end. */
service:
	larl	%r1, open
	lctlg	%c0, %c0, 0(%r1)
	larl	%r1, after
	stg	%r1, 0x1b8
	larl	%r1, run
	lg	%r5, 0(%r1)
	stg	%r5, 0x1b0
	.insn	rre, 0xb2200000, %r2, %r4
	larl	%r1, wait
	lpswe	0(%r1)
after:	br	%r14

	.balign	4096
mask:	.short	28, 0, 0, 0, 0, 4
	.long	0, 0x40, 0, 0		/* we send to the ASCII console */
	.balign	4096
fine:	.short	2f - fine, 0, 0, 0
1:	.short	2f - 1b
	.byte	0x1a, 0, 0, 0
	.ascii	"next kernel: entered with the lowcore as it was"
2:	.balign	4096
wrong:	.short	2f - wrong, 0, 0, 0
1:	.short	2f - 1b
	.byte	0x1a, 0, 0, 0
	.ascii	"next kernel: the lowcore is another"
2:	.balign	8
open:	.quad	0x200
run:	.quad	0x0000000180000000
wait:	.quad	0x0102000180000000, 0
done:	.quad	0x0002000180000000, 0xfff	/* QEMU: end without a word */

	.section .purgatory, "awx", @progbits
	.incbin	"image.bin"

	.section .payload, "aw", @progbits
	.incbin	"payload.bin"

	.section .note.GNU-stack, "", @progbits
