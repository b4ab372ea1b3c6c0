/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One of every relocation that an i386 kernel has, and of those that must stay. */
	.section .text, "ax"
	.globl start
start:
	movl	$table, %eax			/* 32 */
	movl	$table - 0xc0000000, %eax	/* 32: a physical address */
	call	other				/* PC32 within: stays */
	call	init				/* PC32 to another section: stays */
	movl	%fs:counter, %eax		/* per CPU: an address like others */
	movl	$registers, %eax		/* absolute, high: stays */
	movw	$VDSO_like, %ax			/* 16 bits: stays */
	.code16
	movb	$small, %al			/* 8 bits: stays */
	.code32
	ret
other:
	ret

	.section .init, "ax"
	.globl	init
init:
	call	other
	movl	$_end, %edi

	.section .rodata, "a"
	.ascii	"Linux version 6.1.0-linked (baton)\n"
	.balign	4
table:
	.long	other, start + 5, 0, value
	.long	registers
	.long	other - .

	.section __kcrctab, "a"
	.long	0xc1000000

	.section .notes, "a", @note
	.long	4, 4, 18
	.asciz	"Xen"
	.long	other - 0xc0000000

	.section .data, "aw"
	.globl	value
value:
	.long	value, counter, gdt
	.set	small, 7

	.section .data..percpu, "aw"
	.globl	gdt
	.long	0
counter:
	.long	table
gdt:
	.long	gdt

	.section .bss, "aw", @nobits
	.skip	64

	.section .debug_info, "", @progbits
	.long	start, counter
