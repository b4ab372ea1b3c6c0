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
	.text
	.arm
	.syntax	unified

	.globl	purgatory_start
	.type	purgatory_start, %function
purgatory_start:
	cpsid	if
	ldr	r3, to_stack
0:	add	sp, pc, r3		@ pc = 0b + 8
	mov	r4, r1
	bl	purgatory_main
	mov	r0, r4
	bl	cpu_enter
	.align	2
to_stack:
	.word	stack_end - 0b - 8
	.size	purgatory_start, . - purgatory_start

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
 * void cpu_caches_on(const uint32_t *table): MMU and caches, in SVC mode with short descriptors.
 * ARM Architecture Reference Manual ARMv7-A, B3.5 and B4.1. The caches hold nothing, the old kernel
 * has emptied them.
 */
	.globl	cpu_caches_on
	.hidden	cpu_caches_on
	.type	cpu_caches_on, %function
cpu_caches_on:
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
	.arch_extension sec
	.arch_extension virt
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
