/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for the arm purgatory to run on, without Linux: QEMU's virt starts this in SVC mode, or in
 * HYP mode with virtualization=on. It leaves the CPU as a kernel leaves it to a purgatory, high
 * vectors and all, and jumps. The "next kernel" looks at the state that it was entered in, says what
 * it found on the PL011, and powers off. purgatory_image.c makes image.bin, payload.bin and image.inc.
 */
#include "image.inc"

#define SYSTEM_OFF 0x84000008
#define MACHINE    0x12ab
#if EL == 2
#define MODE 0x1a	/* HYP */
#define SCTLR p15, 4	/* HSCTLR */
#else
#define MODE 0x13	/* SVC */
#define SCTLR p15, 0
#endif

	.syntax	unified
	.arch	armv7-a
	.arch_extension sec
	.arch_extension virt
	.arm

	.section .before, "ax", %progbits
	.globl	_start
_start:
	cpsid	if
#if EL == 1
	mrc	p15, 0, r0, c1, c0, 0
	orr	r0, r0, #(1 << 13)	@ V
	mcr	p15, 0, r0, c1, c0, 0
#endif
	ldr	r1, =MACHINE
	ldr	r3, =PURGATORY_START
	mvn	r2, #0
	mvn	sp, #0
	mov	r0, #0
#if EL == 1
	setend	be			/* as a big-endian kernel leaves it */
#endif
	bx	r3
	.ltorg

	.section .next, "ax", %progbits
next:	mov	r9, #'0'
	cmp	r0, #0
	bne	bad
	mov	r9, #'m'
	ldr	r4, =MACHINE
	cmp	r1, r4
	bne	bad
	mov	r9, #'d'
	ldr	r4, =DTB
	cmp	r2, r4
	bne	bad
	mov	r9, #'s'
	mrs	r4, cpsr
	and	r4, r4, #0x1f
	cmp	r4, #MODE
	bne	bad
	mov	r9, #'e'
	mrs	r4, cpsr
	tst	r4, #(1 << 9)
	bne	bad
	mov	r9, #'i'
	mrs	r4, cpsr
	and	r4, r4, #0xc0
	cmp	r4, #0xc0
	bne	bad
	mov	r9, #'c'
	mrc	SCTLR, r4, c1, c0, 0
	tst	r4, #5			@ C, M
	bne	bad
	adr	r10, fine
	b	say
bad:	strb	r9, what
	adr	r10, wrong
say:	ldr	r11, =UART
1:	ldrb	r12, [r10], #1
	cmp	r12, #0
	strne	r12, [r11]
	bne	1b
	ldr	r0, =SYSTEM_OFF
#if EL == 2
	smc	#0
#else
	hvc	#0
#endif
	b	.
	.ltorg
wrong:	.ascii	"next kernel: wrong state, check "
what:	.asciz	"?"
fine:	.asciz	"next kernel: entered as booting.rst asks"
	.balign	8

	.section .purgatory, "awx", %progbits
	.incbin	"image.bin"

	.section .payload, "aw", %progbits
	.incbin	"payload.bin"

	.section .note.GNU-stack, "", %progbits
