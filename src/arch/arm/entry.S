/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First and last instructions of the arm purgatory.
 *
 * What relocate_new_kernel leaves (Linux 6.1, arch/arm/kernel/relocate_kernel.S, and soft_restart in
 * reboot.c): ARM state, MMU and caches off, caches clean; SVC mode, or HYP mode where the machine was
 * booted in it; r0 = 0, r1 = machine number, r2 = what the kernel takes for the device tree. With the
 * MMU off every unaligned access faults.
 *
 * What the next kernel expects: Documentation/arm/booting.rst: the same, with r2 = device tree or
 * ATAGs. r1 is handed on; r2 is the loader's, because the kernel guesses it from the first word of
 * every segment.
 */
#define MODE_MASK 0x1f
#define MODE_HYP  0x1a
#define CPSR_E    (1 << 9)
#define SCTLR_V   (1 << 13)
#define SCTLR_EE  (1 << 25)	/* in HSCTLR too: what exceptions set CPSR.E to, and */
#define SCTLR_TE  (1 << 30)	/* whether they are taken in Thumb state */

	/* sp = where our stack ends. */
	.macro	own_stack tmp
	ldr	\tmp, to_stack\@
here\@:	add	sp, pc, \tmp		@ pc = here + 8
	b	have_stack\@
to_stack\@:
	.word	stack_end - here\@ - 8
have_stack\@:
	.endm

	.text
	.arm
	.syntax	unified
	.arch_extension sec
	.arch_extension virt

	.globl	purgatory_start
	.type	purgatory_start, %function
purgatory_start:
	cpsid	if
	mrs	r3, cpsr
	bic	r0, r3, #CPSR_E		@ before the first load: a big-endian kernel sets it
	msr	cpsr_x, r0
	own_stack r0
	mov	r4, r1
	adr	r0, vectors
	and	r3, r3, #MODE_MASK
	cmp	r3, #MODE_HYP
	bne	1f
	mrc	p15, 4, r3, c1, c0, 0	@ HSCTLR
	bic	r3, r3, #SCTLR_TE | SCTLR_EE
	mcr	p15, 4, r3, c1, c0, 0
	mcr	p15, 4, r0, c12, c0, 0	@ HVBAR
	b	3f
	/*
	 * VBAR belongs to the Security Extensions (ID_PFR1 bits 7:4), which all cores of Arm itself have;
	 * emulators without a secure world tell 0 there. A CPU without VBAR keeps the old vectors.
	 */
1:	mrc	p15, 0, r3, c0, c1, 1
	tst	r3, #0xf0
	bne	2f
	mrc	p15, 0, r3, c0, c0, 0	@ MIDR
	lsr	r3, r3, #24
	cmp	r3, #'A'
	bne	4f
2:	mrc	p15, 0, r3, c1, c0, 0
	bic	r3, r3, #SCTLR_TE | SCTLR_EE
	bic	r3, r3, #SCTLR_V	@ high vectors: Linux sets it, and again where it wants them
	mcr	p15, 0, r3, c1, c0, 0
	mcr	p15, 0, r0, c12, c0, 0	@ VBAR
3:	isb
4:
	bl	purgatory_main
	mov	r0, r4
	bl	cpu_enter
	.size	purgatory_start, . - purgatory_start

/*
 * Undefined instructions and aborts, here and in HYP mode; no interrupt is open. In HYP mode
 * the address is in ELR_hyp, else in the mode's own lr, 4 or 8 bytes on.
 */
	.macro	trap number, past
	mov	r0, #\number
	sub	lr, lr, #\past
	b	exception
	.endm

	.balign	32
vectors:
	b	0f
	b	1f
	b	2f
	b	3f
	b	4f
	b	5f
	b	6f
	b	7f
0:	trap	0, 0
1:	trap	0x4, 4
2:	trap	0x8, 4
3:	trap	0xc, 4
4:	trap	0x10, 8
5:	trap	0x14, 4
6:	trap	0x18, 4
7:	trap	0x1c, 4
	.type	exception, %function
exception:
	own_stack r2
	mrs	r2, cpsr
	and	r2, r2, #MODE_MASK
	cmp	r2, #MODE_HYP
	bne	1f
	mrs	lr, elr_hyp
1:	mov	r2, lr			@ arguments: two words each, the low one first
	mov	r3, #0
	mov	r1, #0
	b	purgatory_exception
	.size	exception, . - exception

/* void cpu_jump(uint32_t entry, uint32_t machine, uint32_t r2) */
	.globl	cpu_jump
	.hidden	cpu_jump
	.type	cpu_jump, %function
cpu_jump:
	mov	r12, r0
	mov	r0, #0
	bx	r12
	.size	cpu_jump, . - cpu_jump

/*
 * void cpu_caches_on(const uint32_t *table, uint32_t start, uint32_t end, uint32_t line): MMU and
 * caches, in SVC mode with short descriptors. ARM Architecture Reference Manual ARMv7-A, B2.2, B3.5
 * and B4.1. The old kernel has emptied the caches; still, all lines of [start, end), where this
 * program's writes went past them, are forgotten first: memory is right, a line in a cache is not.
 */
	.globl	cpu_caches_on
	.hidden	cpu_caches_on
	.type	cpu_caches_on, %function
cpu_caches_on:
1:	mcr	p15, 0, r1, c7, c6, 1	@ DCIMVAC
	add	r1, r1, r3
	cmp	r1, r2
	blo	1b
	dsb
	mov	r1, #0
	mcr	p15, 0, r1, c2, c0, 2	@ TTBCR: short descriptors, TTBR0 for all
	orr	r0, r0, #0x48		@ walks: inner and outer write-back, write-allocate
	mcr	p15, 0, r0, c2, c0, 0	@ TTBR0
	mov	r1, #1
	mcr	p15, 0, r1, c3, c0, 0	@ DACR: domain 0 checks permissions
	mov	r1, #0
	mcr	p15, 0, r1, c8, c7, 0	@ TLBIALL
	mcr	p15, 0, r1, c7, c5, 0	@ ICIALLU
	mcr	p15, 0, r1, c7, c5, 6	@ BPIALL
	dsb
	isb
	mrc	p15, 0, r1, c1, c0, 0	@ SCTLR
	bic	r1, r1, #0x30000000	@ TRE, AFE: the attributes are those of the table
	orr	r1, r1, #0x1800		@ I, Z
	orr	r1, r1, #0x5		@ C, M
	mcr	p15, 0, r1, c1, c0, 0
	isb
	bx	lr
	.size	cpu_caches_on, . - cpu_caches_on

/*
 * void cpu_caches_off(uint32_t start, uint32_t end, uint32_t line): off, then all that was written
 * in between goes from the caches to memory, line by line. No access to memory until that is done:
 * what the stack holds may still be in the caches.
 */
	.globl	cpu_caches_off
	.hidden	cpu_caches_off
	.type	cpu_caches_off, %function
cpu_caches_off:
	mrc	p15, 0, r3, c1, c0, 0
	bic	r3, r3, #0x1800
	bic	r3, r3, #0x5
	mcr	p15, 0, r3, c1, c0, 0
	isb
1:	mcr	p15, 0, r0, c7, c14, 1	@ DCCIMVAC: to the point of coherency
	add	r0, r0, r2
	cmp	r0, r1
	blo	1b
	dsb
	mov	r3, #0
	mcr	p15, 0, r3, c8, c7, 0
	mcr	p15, 0, r3, c7, c5, 0
	mcr	p15, 0, r3, c7, c5, 6
	dsb
	isb
	bx	lr
	.size	cpu_caches_off, . - cpu_caches_off

/* void cpu_psci_smc(uint32_t function), cpu_psci_hvc: SMC Calling Convention (ARM DEN 0028). */
	.globl	cpu_psci_smc
	.hidden	cpu_psci_smc
	.type	cpu_psci_smc, %function
cpu_psci_smc:
	smc	#0
	bx	lr
	.size	cpu_psci_smc, . - cpu_psci_smc

	.globl	cpu_psci_hvc
	.hidden	cpu_psci_hvc
	.type	cpu_psci_hvc, %function
cpu_psci_hvc:
	hvc	#0
	bx	lr
	.size	cpu_psci_hvc, . - cpu_psci_hvc

/* What compilers call for structs and zeroing: Run-time ABI for the Arm Architecture (IHI 0043). */
	.macro	alias name
	.globl	\name
	.hidden	\name
	.type	\name, %function
\name:
	.endm

	alias	__aeabi_memcpy
	alias	__aeabi_memcpy4
	alias	__aeabi_memcpy8
	b	memcpy
	alias	__aeabi_memclr
	alias	__aeabi_memclr4
	alias	__aeabi_memclr8
	mov	r2, r1
	mov	r1, #0
	b	memset
	alias	__aeabi_memset
	alias	__aeabi_memset4
	alias	__aeabi_memset8
	mov	r3, r1
	mov	r1, r2
	mov	r2, r3
	b	memset

	/* On pages that nothing else is on; the deepest call takes less than 1 KiB at -O2. */
	.section .bss.stack, "aw", %nobits
	.balign	16
	.skip	4096
stack_end:

	.section .note.GNU-stack, "", %progbits
