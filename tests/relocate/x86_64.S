/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One of every relocation that an x86_64 kernel has, and of those that must stay. */
	.section .text, "ax"
	.globl start
start:
	movq	$table, %rax			/* 32S */
	movl	$table - 0xffffffff80000000, %eax	/* 32: a physical address */
	leaq	table(%rip), %rax		/* PC32 within: stays */
	call	other				/* PLT32: stays */
	movq	%gs:counter, %rax		/* 32S, per CPU: stays */
	movq	%gs:counter(%rip), %rax		/* PC32, per CPU: shrinks */
	movl	$registers, %eax		/* absolute, high: stays */
	movl	$VDSO_like, %eax		/* absolute: stays */
	leaq	init_per_cpu__gdt(%rip), %rax	/* absolute to the linker only: stays */
	movq	$init_per_cpu__gdt, %rax	/* the same: moves */
	movw	$VDSO_like, %ax			/* 16 bits */
	movb	$small, %al			/* 8 bits */
	ret
other:
	ret

	.section .init, "ax"
	call	other
	movq	$_end, %rdi

	.section .rodata, "a"
	.ascii	"Linux version 6.1.0-linked (baton)\n"
	.balign	8
table:
	.quad	other, start + 5, 0, value
	.quad	registers, missing
	.long	other - .
	.long	0
	.quad	other - .
	.weak	missing

	.section __kcrctab, "a"
	.long	0x81000000

	/* XEN_ELFNOTE_PHYS32_ENTRY, XEN_ELFNOTE_ENTRY */
	.section .notes, "a", @note
	.long	4, 8, 18
	.asciz	"Xen"
	.quad	other - 0xffffffff80000000
	.long	4, 8, 1
	.asciz	"Xen"
	.quad	start

	.section .data, "aw"
	.globl	value
value:
	.quad	value, counter, gdt
	.set	small, 7

	.section .data..percpu, "aw"
	.globl	gdt
	.quad	0
counter:
	.quad	table			/* moves: the field lies per CPU, what it names does not */
gdt:
	.quad	gdt

	.section .bss, "aw", @nobits
	.skip	64

	.section .debug_info, "", @progbits
	.quad	start, counter
	.long	.debug_text

	.section .debug_str, "", @progbits
.debug_text:
	.asciz	"text"
