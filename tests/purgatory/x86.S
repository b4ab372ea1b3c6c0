/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for the purgatories of x86_64 (with LA57: five levels of page tables) and (with I386)
 * i386, without Linux. QEMU loads this as a multiboot kernel; it builds what relocate_kernel leaves
 * (see their entry.S) and jumps to the linked image. The "next kernel" below it looks at the state
 * that it was entered in, says what it found on the first serial port, and ends QEMU.
 * purgatory_image.c makes image.bin, payload.bin and image.inc.
 */
#include "image.inc"	/* what is called DTB there is boot_params here */

#define COM1       0x3f8
#define DEBUG_EXIT 0xf4
#define SETUP      0x90000	/* real-mode code; purgatory_image.c */
/* MODE: of the entry, src/arch/x86_64/handoff.h */
#define MODE_64_4  3
#define MODE_16    4
#define MODE_MULTIBOOT 5

#ifdef LA57
#define TOP        pml5
#define CR4        0x1020	/* PAE, LA57 */
#else
#define TOP        pml4
#define CR4        0x20
#endif
#if MODE == MODE_64_4
#define CR4_NEXT   0x20
#else
#define CR4_NEXT   CR4
#endif

/* The purgatory, and setup code where that is entered, to where they are to lie. */
.macro	copy_all
	cld
	movl	$image, %esi
	movl	$(image_end - image), %ecx
	rep movsb
#if MODE == MODE_16
	movl	$next16, %esi
	movl	$(SETUP + 0x200), %edi
	movl	$(next16_end - next16), %ecx
	rep movsb
#endif
.endm

	.section .before, "awx", @progbits
	.code32
	/* Multiboot 0.6.96, 3.1.1. */
	.balign	4
	.long	0x1badb002, 0, -0x1badb002

	.globl	_start
_start:
	/* Something to back up. */
	cld
	movl	$payload, %esi
	movl	$BACKUP_SRC, %edi
	movl	$BACKUP_LEN, %ecx
	rep movsb
	movb	$0xff, %al		/* as Linux leaves the 8259s */
	outb	%al, $0x21
	outb	%al, $0xa1
#ifdef I386
	movl	$PURGATORY, %edi
	copy_all
	lgdt	nothing
	lidt	nothing
	movl	$old_stack, %esp
	std				/* the purgatory must not rely on DF */
	pushl	$PURGATORY_START
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	ret
#else
	/* Identity map of 5 GiB by 2 MiB pages, as kexec without 1 GiB pages makes it. */
	movl	$pd, %edi
	movl	$0x83, %eax
	xorl	%edx, %edx
1:	movl	%eax, (%edi)
	movl	%edx, 4(%edi)
	addl	$0x200000, %eax
	adcl	$0, %edx
	addl	$8, %edi
	cmpl	$(pd + 5 * 4096), %edi
	jne	1b
	movl	$(pd + 3), pdpt
	movl	$(pd + 4096 + 3), pdpt + 8
	movl	$(pd + 2 * 4096 + 3), pdpt + 16
	movl	$(pd + 3 * 4096 + 3), pdpt + 24
	movl	$(pd + 4 * 4096 + 3), pdpt + 32
	movl	$(pdpt + 3), pml4
	movl	$(pml4 + 3), pml5
	movl	$TOP, %eax
	movl	%eax, %cr3
	movl	$CR4, %eax		/* and no OSFXSR */
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x100, %eax
	wrmsr
	lgdt	gdt_limit
	movl	$0x80000001, %eax	/* PG, PE */
	movl	%eax, %cr0
	ljmp	$0x10, $2f
	.code64
2:	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movq	$PURGATORY, %rdi
	copy_all
	lgdt	nothing
	lidt	nothing
	movl	$old_stack, %esp
	std				/* the purgatory must not rely on DF */
	movq	$PURGATORY_START, %rax
	pushq	%rax
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	ret
#endif

/* The next kernel, 64-bit entry. */
	.code64
	.section .next, "ax", @progbits
next64:
	cmpq	$DTB, %rsi
	movl	$'s', %r9d
	jne	bad64
	movq	%rax, %rsi
	orq	%rbx, %rsi
	orq	%rcx, %rsi
	orq	%rdx, %rsi
	orq	%rdi, %rsi
	orq	%rbp, %rsi
	orq	%r8, %rsi
	orq	%r10, %rsi
	orq	%r11, %rsi
	orq	%r12, %rsi
	orq	%r13, %rsi
	orq	%r14, %rsi
	orq	%r15, %rsi
	movl	$'r', %r9d
	jnz	bad64
	pushfq
	popq	%rax
	testl	$0x600, %eax		/* IF, DF */
	movl	$'f', %r9d
	jnz	bad64
	movl	%cs, %eax
	cmpl	$0x10, %eax
	movl	$'c', %r9d
	jne	bad64
	movl	%ss, %eax
	cmpl	$0x18, %eax
	movl	$'d', %r9d
	jne	bad64
	movq	%cr4, %rax
	cmpq	$CR4_NEXT, %rax
	movl	$'4', %r9d
	jne	bad64
	movq	%cr0, %rax
	andl	$~0x10, %eax		/* ET is hardwired */
	cmpl	$0x80000001, %eax
	movl	$'0', %r9d
	jne	bad64
	/* The GDT is loaded: selectors can be loaded again. */
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	$BACKUP_SRC, %esi
	movl	$BACKUP_DST, %edi
	movl	$BACKUP_LEN, %ecx
	repe cmpsb
	movl	$'b', %r9d
	jne	bad64
	movl	$ok64, %esi
	jmp	say64
bad64:	movl	$wrong, %esi
	movb	%r9b, wrong_what
say64:	lodsb
	testb	%al, %al
	jz	done
	movl	$COM1, %edx
	outb	%al, %dx
	jmp	say64

/* The next kernel, 32-bit entry. */
	.code32
	.section .next32, "ax", @progbits
next32:
#if MODE == MODE_MULTIBOOT
	/* Multiboot 2.0, 3.5. What a BIOS masks: src/arch/x86_64/cpu_any.c. */
	xchgl	%ebx, %esi
	xorl	$0x36d76289, %eax
	orl	%eax, %ecx
	xorl	%eax, %eax
	inb	$0x21, %al
	xorl	$0xb8, %eax
	orl	%eax, %ecx
	inb	$0xa1, %al
	xorl	$0x8e, %eax
#endif
	cmpl	$DTB, %esi
	movl	$'s', %esi
	jne	bad32
	orl	%ebx, %eax
	orl	%ecx, %eax
	orl	%edx, %eax
	orl	%edi, %eax
	orl	%ebp, %eax
	movl	$'r', %esi
	jnz	bad32
	pushfl
	popl	%eax
	testl	$0x600, %eax
	movl	$'f', %esi
	jnz	bad32
	movl	%cs, %eax
	cmpl	$0x10, %eax
	movl	$'c', %esi
	jne	bad32
	movl	%ss, %eax
	cmpl	$0x18, %eax
	movl	$'d', %esi
	jne	bad32
	movl	%cr0, %eax
	andl	$~0x10, %eax
	cmpl	$1, %eax
	movl	$'0', %esi
	jne	bad32
	movl	$0xc0000080, %ecx
	rdmsr
	testl	$0x500, %eax		/* LME, LMA */
	movl	$'e', %esi
	jnz	bad32
	movl	%cr4, %eax
	testl	%eax, %eax
	movl	$'4', %esi
	jnz	bad32
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	$BACKUP_SRC, %esi
	movl	$BACKUP_DST, %edi
	movl	$BACKUP_LEN, %ecx
	repe cmpsb
	movl	$'b', %esi
	jne	bad32
	movl	$ok32, %esi
	jmp	say32
bad32:	movl	%esi, %eax
	movb	%al, wrong_what
	movl	$wrong, %esi
say32:	lodsb
	testb	%al, %al
	jz	done
	movl	$COM1, %edx
	outb	%al, %dx
	jmp	say32
	.section .before
done:	/* The same bytes in both modes. */
	movl	$DEBUG_EXIT, %edx
	movb	$0x10, %al
	outb	%al, %dx
	cli
	hlt

/* The next kernel's real-mode code, once it is copied to SETUP + 0x200: nothing else may be named. */
	.code16
next16:	orl	%ebx, %eax
	orl	%ecx, %eax
	orl	%edx, %eax
	orl	%esi, %eax
	orl	%edi, %eax
	orl	%ebp, %eax
	movb	$'r', %bl
	jnz	bad16
	pushfw
	popw	%ax
	testw	$0x200, %ax		/* IF */
	movb	$'f', %bl
	jnz	bad16
	cmpw	$0xe000, %sp
	movb	$'t', %bl
	jne	bad16
	.irp	segment, ds, es, fs, gs, ss
	movw	%\segment, %ax
	cmpw	$(SETUP >> 4), %ax
	movb	$'d', %bl
	jne	bad16
	.endr
	movw	%cs, %ax
	cmpw	$((SETUP + 0x200) >> 4), %ax
	movb	$'c', %bl
	jne	bad16
	movl	%cr0, %eax
	testl	$0x80000001, %eax	/* PG, PE */
	movb	$'0', %bl
	jnz	bad16
	movw	$(ok16 - next16), %si
	jmp	say16
bad16:	movb	%bl, %cs:(wrong16_what - next16)
	movw	$(wrong16 - next16), %si
say16:	movw	$COM1, %dx
1:	movb	%cs:(%si), %al
	incw	%si
	testb	%al, %al
	jz	2f
	outb	%al, %dx
	jmp	1b
2:	movw	$DEBUG_EXIT, %dx
	movb	$0x10, %al
	outb	%al, %dx
	cli
	hlt
ok16:	.asciz	"next kernel: real-mode entry as boot.rst asks\r\n"
wrong16:
	.ascii	"next kernel: wrong state, check "
wrong16_what:
	.asciz	"?\r\n"
next16_end:

ok64:	.asciz	"next kernel: 64-bit entry as boot.rst asks\r\n"
#if MODE == MODE_MULTIBOOT
ok32:	.asciz	"next kernel: entered as Multiboot asks\r\n"
#else
ok32:	.asciz	"next kernel: 32-bit entry as boot.rst asks\r\n"
#endif
wrong:	.ascii	"next kernel: wrong state, check "
wrong_what:
	.asciz	"?\r\n"

	.balign	8
gdt:	.quad	0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_limit:
	.word	31
	.long	gdt
	.long	0
nothing:
	.word	0
	.quad	0

	.section .tables, "aw", @nobits
	.balign	4096
pml5:	.skip	4096
pml4:	.skip	4096
pdpt:	.skip	4096
pd:	.skip	5 * 4096
	.skip	4096
old_stack:

	.section .purgatory, "aw", @progbits
image:	.incbin	"image.bin"
image_end:

	.section .payload, "aw", @progbits
payload:
	.incbin	"payload.bin"

	.section .note.GNU-stack, "", @progbits
