/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last instructions before the real-mode setup code of a bzImage, for the purgatories of x86_64
 * and i386: boot.rst, "Running the Kernel". SDM volume 3, 9.9.2 "Switching Back to Real-Address
 * Mode".
 */
#define CODE16 0x08
#define DATA16 0x10
#define GDT_BASE 0x1c /* in cpu_real_mode_data */
#define BIOS_IDT 0x20
#define STACK 0xe000 /* in the setup's segment: its heap ends there (arch/x86_64/setup16.h) */

	.text
	.code32
/*
 * Entered like a kernel, in flat 32-bit protected mode without paging; ESI = address of the setup
 * code, EBX = cpu_real_mode_data, both below 1 MiB as this code is (cpu_cannot_enter has looked).
 * In x86_64's purgatory no address has 32 bits when it is linked, so none stands in this code.
 */
	.globl	cpu_real_mode
	.hidden	cpu_real_mode
	.type	cpu_real_mode, @function
cpu_real_mode:
	call	1f
1:	popl	%edi
	addl	$(in_16_bits - 1b), %edi
	movl	%edi, %eax
	movw	%ax, CODE16 + 2(%ebx)	/* the bases of both */
	shrl	$16, %eax
	movb	%al, CODE16 + 4(%ebx)
	movl	%esi, %eax
	movw	%ax, DATA16 + 2(%ebx)
	shrl	$16, %eax
	movb	%al, DATA16 + 4(%ebx)
	shrl	$4, %edi		/* and their segments in real mode */
	shrl	$4, %esi
	movl	%ebx, GDT_BASE(%ebx)
	lgdt	GDT_BASE - 2(%ebx)
	lidt	BIOS_IDT(%ebx)
	pushl	$CODE16
	pushl	$0
	lret

	.code16
	.balign	16
in_16_bits:
	movw	$DATA16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	movl	$STACK, %esp
	movl	%cr0, %eax
	andb	$0xfe, %al		/* PE */
	movl	%eax, %cr0
	pushw	%di
	pushw	$(1f - in_16_bits)
	lretw
1:	movw	%si, %ds
	movw	%si, %es
	movw	%si, %fs
	movw	%si, %gs
	movw	%si, %ss
	addw	$0x20, %si		/* the entry is 0x200 bytes in */
	pushw	%si
	pushw	$0
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	lretw
	.size	cpu_real_mode, . - cpu_real_mode

	.data
	.balign	8
	.globl	cpu_real_mode_data
	.hidden	cpu_real_mode_data
cpu_real_mode_data:
	.quad	0
	.quad	0x00009b000000ffff	/* CODE16 */
	.quad	0x000093000000ffff	/* DATA16 */
	.word	0
	.word	3 * 8 - 1		/* for lgdt */
	.long	0			/* GDT_BASE */
	.word	0x3ff			/* BIOS_IDT: 256 vectors at 0 */
	.long	0

	.section .note.GNU-stack, "", @progbits
