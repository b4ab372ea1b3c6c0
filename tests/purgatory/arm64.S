/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for the arm64 purgatory to run on, without Linux: QEMU's virt starts this at EL1, or at
 * EL2 with virtualization=on; with VHE in "vhe". It leaves the CPU as a kernel leaves it to a
 * purgatory and jumps. The "next kernel" looks at the state that it was entered in, says what it
 * found on the PL011, and powers off. purgatory_image.c makes image.bin, payload.bin and image.inc.
 */
#include "image.inc"

#define SYSTEM_OFF 0x84000008
#define HCR_VHE    0x488000000	/* E2H, TGE, RW */

	.section .before, "ax", %progbits
	.globl	_start
_start:
	msr	daifset, #0xf
#ifdef VHE
	ldr	x0, =HCR_VHE
	msr	hcr_el2, x0
	isb
#endif
	/* What no purgatory may rely on. */
	mov	x0, #-1
	mov	x1, x0
	mov	x2, x0
	mov	x18, x0
	mov	sp, x0
	msr	spsel, #0
	ldr	x30, =PURGATORY_START
#ifdef BIG
	mrs	x0, sctlr_el1
	orr	x0, x0, #(1 << 25)	/* EE: as a big-endian kernel leaves it */
	msr	sctlr_el1, x0
	isb
#endif
	br	x30
	.ltorg

	.section .next, "ax", %progbits
next:	mov	w9, #'d'
	ldr	x4, =DTB
	cmp	x0, x4
	b.ne	bad
	mov	w9, #'r'
	orr	x4, x1, x2
	orr	x4, x4, x3
	cbnz	x4, bad
	mov	w9, #'i'
	mrs	x4, daif
	cmp	x4, #0x3c0
	b.ne	bad
	mov	w9, #'e'
	mrs	x4, CurrentEL
	cmp	x4, #(EL << 2)
	b.ne	bad
	mov	w9, #'m'
#if EL == 2 && !defined(VHE)
	mrs	x4, sctlr_el2
	mrs	x5, cptr_el2
	and	x5, x5, #(1 << 10)	/* TFP: reset value of QEMU is 0 */
#else
	mrs	x4, sctlr_el1
	mrs	x5, cpacr_el1
#endif
	tst	x4, #1			/* M */
	b.ne	bad
	tst	x4, #4			/* C */
	b.ne	bad
	mov	w9, #'f'
	cbnz	x5, bad			/* the vector unit as it was found */
	adr	x10, fine
	b	say
bad:	adr	x10, wrong
	mov	x11, #UART
	b	1f
say:	mov	x11, #UART
1:	ldrb	w12, [x10], #1
	cbz	w12, 2f
	str	w12, [x11]
	b	1b
2:	adr	x12, fine
	cmp	x12, x10
	b.hi	3f
	b	4f
3:	str	w9, [x11]
4:	ldr	w0, =SYSTEM_OFF
#if EL == 2
	smc	#0
#else
	hvc	#0
#endif
	b	.
	.ltorg
wrong:	.asciz	"next kernel: wrong state, check "
fine:	.asciz	"next kernel: entered as booting.rst asks"
	.balign	8

	.section .purgatory, "awx", %progbits
	.incbin	"image.bin"

	.section .payload, "aw", %progbits
	.incbin	"payload.bin"

	.section .note.GNU-stack, "", %progbits
