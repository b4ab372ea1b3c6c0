/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for the riscv64 purgatory to run on, without Linux: OpenSBI on QEMU's virt starts this in
 * S-mode. It leaves the hart as a kernel leaves it to a purgatory and jumps. The "next kernel" looks
 * at the state that it was entered in, says what it found on the UART, and powers off.
 * purgatory_image.c makes image.bin, payload.bin and image.inc.
 */
#include "image.inc"

#define SBI_RESET 0x53525354

	.section .before, "ax", @progbits
	.globl	_start
_start:
	mv	s11, a0
	csrw	sie, zero
	csrw	satp, zero
	lla	t0, next		/* any trap before the purgatory has its own goes wrong */
	csrw	stvec, t0
	li	t0, PURGATORY_START
	li	a1, -1
	li	sp, -1
	li	ra, 0
	jr	t0

	.section .next, "ax", @progbits
	.balign	4
next:	li	s1, 'h'
	bnez	a0, bad			/* one hart, number 0 */
	li	s1, 'd'
	li	t0, DTB
	bne	a1, t0, bad
	li	s1, 's'
	csrr	t0, satp
	bnez	t0, bad
	li	s1, 'i'
	csrr	t0, sstatus
	andi	t0, t0, 2		/* SIE */
	bnez	t0, bad
	lla	s0, fine
	j	say
bad:	lla	t0, what
	sb	s1, 0(t0)
	lla	s0, wrong
say:	li	t1, UART
1:	lbu	t0, 0(s0)
	beqz	t0, 2f
	sb	t0, 0(t1)
	addi	s0, s0, 1
	j	1b
2:	li	a7, SBI_RESET
	li	a6, 0
	li	a0, 0			/* shut down */
	li	a1, 0
	ecall
	j	.
wrong:	.ascii	"next kernel: wrong state, check "
what:	.asciz	"?"
fine:	.asciz	"next kernel: entered as boot.rst asks"
	.balign	8

	.section .purgatory, "awx", @progbits
	.incbin	"image.bin"

	.section .payload, "aw", @progbits
	.incbin	"payload.bin"

	.section .note.GNU-stack, "", @progbits
