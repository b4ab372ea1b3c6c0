/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for both purgatories of ppc64, without Linux: QEMU's pseries takes this for its firmware,
 * puts it at address 0 and starts it at 0x100, big-endian, in real mode. It leaves the CPU as a
 * kernel of that byte order (LITTLE) leaves it to a purgatory and jumps. What stands in low memory
 * behind 0x100 then is the "old kernel's". The "next kernel" looks at the state that it was entered
 * in and whether low memory is as it was, says so by H_PUT_TERM_CHAR, and powers off by RTAS.
 * purgatory_image.c makes image.bin, payload.bin and image.inc.
 *
 * SETMODE: exceptions come in this byte order, 0 big- and 1 little-endian (H_SET_MODE, resource 2).
 */
#include "image.inc"

#define PATTERN 0x5a5a1234
#define RTAS_POWER_OFF 0x2003

	.machine power8
	.section .before, "ax", @progbits
	.globl	_start
	.org	0x100
_start:
	b	begin
	.org	0x2000
begin:	/* The vectors' words are filled with numbers of their own. */
	li	%r4, 0x100
	lis	%r5, PATTERN@h
	ori	%r5, %r5, PATTERN@l
1:	add	%r6, %r5, %r4
	stw	%r6, 0(%r4)
	addi	%r4, %r4, 4
	cmpwi	%r4, 0x1000
	blt	1b
	li	%r3, 0x31c		/* H_SET_MODE */
	li	%r4, SETMODE
	li	%r5, 4			/* resource: byte order of exceptions */
	li	%r6, 0
	li	%r7, 0
	sc	1
	cmpdi	%r3, 0
	bne	.
	lis	%r12, PURGATORY_START@h
	ori	%r12, %r12, PURGATORY_START@l
	mtsrr0	%r12
	li	%r11, 1
	rotldi	%r11, %r11, 63		/* MSR_SF */
	ori	%r11, %r11, LITTLE
	mtsrr1	%r11
	li	%r3, 0			/* number of this CPU */
	mr	%r4, %r12
	li	%r5, 0
	li	%r1, -1
	li	%r2, -1
	rfid

	/* RTAS: r3 = arguments. QEMU's own firmware does the same. */
	.org	0x6000
rtas:	mr	%r4, %r3
	lis	%r3, 0
	ori	%r3, %r3, 0xf000
	sc	1
	blr

	.section .next, "ax", @progbits
next:	li	%r9, 'd'
	lis	%r10, DTB@h
	cmpd	%r3, %r10
	bne	bad
	li	%r9, 'k'
	lis	%r10, NEXT@h
	cmpd	%r4, %r10
	bne	bad
	li	%r9, '5'
	cmpdi	%r5, 0
	bne	bad
	li	%r9, 'm'
	mfmsr	%r10
	andis.	%r11, %r10, 0x0280	/* VEC, VSX */
	bne	bad
	andi.	%r11, %r10, 0xa031	/* EE, FP, IR, DR, LE */
	bne	bad
	li	%r9, 'v'
	li	%r4, 0x100
	lis	%r5, PATTERN@h
	ori	%r5, %r5, PATTERN@l
1:	add	%r6, %r5, %r4
	lwz	%r7, 0(%r4)
	cmplw	%r6, %r7
	bne	bad
	addi	%r4, %r4, 4
	cmpwi	%r4, 0x1000
	blt	1b
	lis	%r20, fine@h
	ori	%r20, %r20, fine@l
	b	say
bad:	lis	%r10, what@h
	ori	%r10, %r10, what@l
	stb	%r9, 0(%r10)
	lis	%r20, wrong@h
	ori	%r20, %r20, wrong@l
say:	lbz	%r6, 0(%r20)
	cmpdi	%r6, 0
	beq	2f
	sldi	%r6, %r6, 56
	li	%r3, 0x58
	lis	%r4, UART@h
	li	%r5, 1
	sc	1
	addi	%r20, %r20, 1
	b	say
2:	lis	%r3, args@h
	ori	%r3, %r3, args@l
	li	%r10, rtas
	mtctr	%r10
	bctrl
	b	.
wrong:	.ascii	"next kernel: wrong state, check "
what:	.asciz	"?"
fine:	.asciz	"next kernel: entered as booting.rst asks"
	.balign	8
args:	.long	RTAS_POWER_OFF, 2, 1, -1, -1, 0

	.section .purgatory, "awx", @progbits
	.incbin	"image.bin"

	.section .payload, "aw", @progbits
	.incbin	"payload.bin"

	.section .note.GNU-stack, "", @progbits
