/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First and last instructions of the i386 purgatory.
 *
 * What relocate_kernel leaves (Linux 6.1, arch/x86/kernel/relocate_kernel_32.S, identity_mapped, and
 * machine_kexec in machine_kexec_32.c): protected mode, flat segments of 4 GiB, paging off; CR0
 * without AM, WP, TS, EM; CR4 = 0; IF clear; GDTR and IDTR with limit 0; every general register but
 * ESP zero.
 *
 * What the next kernel expects (Documentation/arch/x86/boot.rst, "32-bit Boot Protocol"): the same
 * with selectors 0x10 (code) and 0x18 (data), the GDT loaded; ESI = boot_params, EBP, EDI, EBX = 0.
 * PVH (xen/docs/misc/pvh.pandoc): the same with EBX = start_info.
 */
#include "arch/x86_64/entry.inc"

	.text
	.code32

	.globl	purgatory_start
	.type	purgatory_start, @function
purgatory_start:
	cli
	cld
	movl	$stack_end, %esp
	lgdt	gdt_limit
	lidt	no_idt			/* until there is one, an exception is a reset */
	ljmp	$CODE, $1f
1:	load_data_segments
	movl	$idt, %edi
	movl	$stubs, %eax
	movl	$EXCEPTIONS, %ecx
2:	movw	%ax, (%edi)
	movl	$(GATE << 16 | CODE), 2(%edi)	/* selector, and 0 and the type behind it */
	movl	%eax, %edx
	shrl	$16, %edx
	movw	%dx, 6(%edi)
	addl	$8, %edi
	addl	$STUB, %eax
	loop	2b
	lidt	idt_limit
	xorl	%ebp, %ebp
	call	purgatory_main
	call	cpu_enter
	ud2
	.size	purgatory_start, . - purgatory_start

	exception_stubs iret
	.type	exception, @function
exception:
	popl	%eax
	popl	%ecx
	popl	%edx
	movl	$stack_end, %esp
	cld
	pushl	$0			/* two words each, the low one first */
	pushl	%edx
	pushl	$0
	pushl	%eax
	call	purgatory_exception
	.size	exception, . - exception

/* void cpu_enter32(uint32_t entry, uint32_t esi, uint32_t ebx, uint32_t eax) */
	.globl	cpu_enter32
	.hidden	cpu_enter32
	.type	cpu_enter32, @function
cpu_enter32:
	lidt	no_idt
	movl	$TASK, %eax
	ltr	%ax
	movl	8(%esp), %esi
	movl	12(%esp), %ebx
	movl	16(%esp), %eax
	pushl	$FLAGS_CLEAR
	popfl
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	addl	$4, %esp
	ret				/* to @entry */
	.size	cpu_enter32, . - cpu_enter32

/* void cpu_triple_fault(void): a fault without a handler for it, or for that. */
	.globl	cpu_triple_fault
	.hidden	cpu_triple_fault
	.type	cpu_triple_fault, @function
cpu_triple_fault:
	lidt	no_idt
	int3
	ud2
	.size	cpu_triple_fault, . - cpu_triple_fault

/*
 * Data. The next kernel runs on this table until it loads its own; its accessed bits are set
 * already, so that the CPU writes nothing here (but that the task is busy).
 */
	.data
	.balign	8
gdt:
	.quad	0, 0
	.quad	0x00cf9b000000ffff	/* 0x10: code, 32-bit, 4 GiB */
	.quad	0x00cf93000000ffff	/* 0x18: data */
	.quad	0x0000890000000067	/* 0x20: a TSS at 0 that nobody switches from */
gdt_end:
	.word	0
gdt_limit:
	.word	gdt_end - gdt - 1
	.long	gdt
	.word	0
no_idt:
	.word	0
	.long	0
	.word	0
idt_limit:
	.word	EXCEPTIONS * 8 - 1
	.long	idt

	.bss
	.balign	8
idt:	.skip	EXCEPTIONS * 8

	/* 16 is what compilers count on: SHA-NI keeps registers there. */
	.section .bss.stack, "aw", @nobits
	.balign	16
	.skip	4096
stack_end:

	.section .note.GNU-stack, "", @progbits
