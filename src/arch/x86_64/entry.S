/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First and last instructions of the x86_64 purgatory.
 *
 * What relocate_kernel leaves (Linux 6.1, arch/x86/kernel/relocate_kernel_64.S, identity_mapped,
 * and machine_kexec in machine_kexec_64.c): 64-bit mode, an identity map of all RAM and all
 * segments, CR0 = PG|PE and no AM, WP, TS, EM; CR4 = PAE and what paging needs (LA57; MCE from
 * 6.4 on), so no OSFXSR; every general register zero; IF clear; GDTR and IDTR with limit 0; RSP in
 * a page of the old kernel.
 *
 * What the next kernel expects: Documentation/arch/x86/boot.rst, "64-bit Boot Protocol" and
 * "32-bit Boot Protocol": selectors 0x10 (code) and 0x18 (data), flat, the GDT loaded, IF clear.
 * PVH (xen/docs/misc/pvh.pandoc): the 32-bit state with %ebx = start_info.
 */
#include "arch/x86_64/entry.inc"

#define CODE32 0x20 /* beside 64-bit code */
#define PAGING 0x80000000 /* in CR0 */
#define LA57 0x1000 /* in CR4 */

	.text
	.code64

	.globl	purgatory_start
	.type	purgatory_start, @function
purgatory_start:
	cli
	cld
	leaq	stack_end(%rip), %rsp
	lgdt	gdt64_limit(%rip)
	lidt	no_idt(%rip)		/* until there is one, an exception is a reset */
	load_data_segments
	leaq	1f(%rip), %rax
	pushq	$CODE
	pushq	%rax
	lretq
1:	leaq	idt(%rip), %rdi
	leaq	stubs(%rip), %rax
	movl	$EXCEPTIONS, %ecx
3:	movw	%ax, (%rdi)
	movl	$(GATE << 16 | CODE), 2(%rdi)	/* selector, and 0 and the type behind it */
	movq	%rax, %rdx
	shrq	$16, %rdx
	movw	%dx, 6(%rdi)
	shrq	$16, %rdx
	movl	%edx, 8(%rdi)
	addq	$16, %rdi
	addq	$STUB, %rax
	loop	3b
	lidt	idt_limit(%rip)
	xorl	%ebp, %ebp
	call	purgatory_main
	call	cpu_enter
	ud2
	.size	purgatory_start, . - purgatory_start

	exception_stubs iretq
	.type	exception, @function
exception:
	popq	%rdi
	popq	%rax
	popq	%rsi
	leaq	stack_end(%rip), %rsp
	cld
	call	purgatory_exception
	.size	exception, . - exception

/* void cpu_enter64(uint64_t entry, uint64_t boot_params) */
	.globl	cpu_enter64
	.hidden	cpu_enter64
	.type	cpu_enter64, @function
cpu_enter64:
	lidt	no_idt(%rip)
	movq	%rdi, jump_to(%rip)
	pushq	$FLAGS_CLEAR
	popfq
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	xorl	%r12d, %r12d
	xorl	%r13d, %r13d
	xorl	%r14d, %r14d
	xorl	%r15d, %r15d
	jmpq	*jump_to(%rip)
	.size	cpu_enter64, . - cpu_enter64

/*
 * void cpu_enter64_4(uint64_t entry, uint64_t boot_params, uint32_t cr3): the same with four levels
 * of page tables, which @cr3 points to, instead of five. CR4.LA57 cannot change while paging is on
 * (SDM volume 3, 4.1.1), and without paging there are no 64 bits.
 */
	.globl	cpu_enter64_4
	.hidden	cpu_enter64_4
	.type	cpu_enter64_4, @function
cpu_enter64_4:
	lidt	no_idt(%rip)
	leaq	3f(%rip), %rbx
	leaq	2f(%rip), %rax
	pushq	$CODE32
	pushq	%rax
	lretq
	.code32
2:	movl	%cr0, %eax
	andl	$~PAGING & 0xffffffff, %eax
	movl	%eax, %cr0
	movl	%cr4, %ecx
	andl	$~LA57 & 0xffffffff, %ecx
	movl	%ecx, %cr4
	movl	%edx, %cr3
	orl	$PAGING, %eax
	movl	%eax, %cr0
	pushl	$CODE
	pushl	%ebx
	lret
	.code64
3:	jmp	cpu_enter64
	.size	cpu_enter64_4, . - cpu_enter64_4

/*
 * void cpu_enter32(uint32_t entry, uint32_t esi, uint32_t ebx, uint32_t eax): out of long mode, to
 * @entry with these registers. All of this, the stack too, must lie below 4 GiB (cpu_cannot_enter
 * has looked).
 */
	.globl	cpu_enter32
	.hidden	cpu_enter32
	.type	cpu_enter32, @function
cpu_enter32:
	lidt	no_idt(%rip)
	movl	%edx, %ebx
	movl	%ecx, %ebp
	lgdt	gdt32_limit(%rip)
	leaq	2f(%rip), %rax
	pushq	$CODE
	pushq	%rax
	lretq
	.code32
2:	load_data_segments
	movl	%cr0, %eax
	andl	$~PAGING & 0xffffffff, %eax		/* PG off: this ends long mode (SDM volume 3, 9.8.5.4) */
	movl	%eax, %cr0
	movl	$0xc0000080, %ecx	/* EFER */
	rdmsr
	andl	$~0x100, %eax		/* LME */
	wrmsr
	xorl	%eax, %eax
	movl	%eax, %cr4
	movl	$TASK, %eax
	ltr	%ax
	pushl	%edi
	pushl	$FLAGS_CLEAR
	popfl
	movl	%ebp, %eax
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	ret
	.code64
	.size	cpu_enter32, . - cpu_enter32

/* void cpu_triple_fault(void): a fault without a handler for it, or for that. */
	.globl	cpu_triple_fault
	.hidden	cpu_triple_fault
	.type	cpu_triple_fault, @function
cpu_triple_fault:
	lidt	no_idt(%rip)
	int3
	ud2
	.size	cpu_triple_fault, . - cpu_triple_fault

/*
 * Data. The next kernel runs on these tables until it loads its own; their accessed bits are set
 * already, so that the CPU writes nothing here (but that the task is busy).
 */
	.data
	.balign	8
gdt64:
	.quad	0, 0
	.quad	0x00af9b000000ffff	/* 0x10: code, 64-bit */
	.quad	0x00cf93000000ffff	/* 0x18: data */
	.quad	0x00cf9b000000ffff	/* 0x20: code, 32-bit, 4 GiB */
gdt32:
	.quad	0, 0
	.quad	0x00cf9b000000ffff	/* 0x10: code, 32-bit, 4 GiB */
	.quad	0x00cf93000000ffff	/* 0x18: data */
	.quad	0x0000890000000067	/* 0x20: a TSS at 0 that nobody switches from */
gdt_end:
	.balign	8
jump_to:
	.quad	0
	.word	0, 0, 0
gdt64_limit:
	.word	gdt32 - gdt64 - 1
	.quad	gdt64
	.word	0, 0, 0
gdt32_limit:
	.word	gdt_end - gdt32 - 1
	.quad	gdt32
	.word	0, 0, 0
no_idt:
	.word	0
	.quad	0
	.word	0, 0, 0
idt_limit:
	.word	EXCEPTIONS * 16 - 1
	.quad	idt

	.bss
	.balign	16
idt:	.skip	EXCEPTIONS * 16

	/*
	 * Apart from .bss, whose page-aligned part (uart.c) would leave a hole before it. The deepest
	 * call takes 2.6 KB, where SHA-NI is compiled without optimisation.
	 */
	.section .bss.stack, "aw", @nobits
	.balign	16
	.skip	4096
stack_end:

	.section .note.GNU-stack, "", @progbits
