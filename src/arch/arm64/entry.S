/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First and last instructions of the arm64 purgatory, and what must not touch memory between.
 *
 * What the old kernel leaves (Linux 6.1, arch/arm64/kernel/relocate_kernel.S, cpu-reset.S and
 * hyp-stub.S): MMU and data cache off; DAIF masked; EL1, EL2 or EL2 with VHE (HCR_EL2.E2H); the
 * segments cleaned to the point of coherency; its own byte order in SCTLR_ELx.EE. No register can be
 * relied on.
 *
 * What the next kernel expects (Documentation/arm64/booting.rst, "Call the kernel image"): x0 = the
 * physical address of the device tree, x1 to x3 zero, DAIF masked, MMU off, the image cleaned to
 * the point of coherency. The instruction cache is left off.
 */
#define EL2       8
#define HCR_E2H   34
/* RES1 bits of ARMv8.0 (DDI 0487, D17.2.118 and .119): little-endian, MMU and caches off. */
#define SCTLR_EL1_OFF 0x30d00980
#define SCTLR_EL2_OFF 0x30c50830
#define SCTLR_ON      0x1005	/* I, C, M */

	/* The state that every cache and translation here is left in before a switch. */
	.macro	forget_all el
	.if	\el == 2
	tlbi	alle2
	.else
	tlbi	vmalle1
	.endif
	ic	iallu
	dsb	sy
	isb
	.endm

	/* Does \op to the data cache lines of [\start, \end). */
	.macro	each_line op, start, end, line, tmp
	mrs	\line, ctr_el0
	ubfx	\line, \line, #16, #4
	mov	\tmp, #4
	lsl	\line, \tmp, \line
	sub	\tmp, \line, #1
	bic	\start, \start, \tmp
1:	cmp	\start, \end
	b.hs	2f
	dc	\op, \start
	add	\start, \start, \line
	b	1b
2:	dsb	sy
	.endm

	/* Goes to \el2 at EL2 without VHE; in all other cases the names with _EL1 are right. */
	.macro	branch_if_plain_el2 el2, tmp
	mrs	\tmp, CurrentEL
	cmp	\tmp, #EL2
	b.ne	3f
	mrs	\tmp, hcr_el2
	tbz	\tmp, #HCR_E2H, \el2
3:
	.endm

	/* With VHE, EL2's translations are not forgotten by vmalle1. */
	.macro	forget_by_level tmp
	mrs	\tmp, CurrentEL
	cmp	\tmp, #EL2
	b.ne	4f
	forget_all 2
	b	5f
4:	forget_all 1
5:
	.endm

	.text
	.arch	armv8-a

	.globl	purgatory_start
	.type	purgatory_start, %function
purgatory_start:
	msr	daifset, #0xf
	msr	spsel, #1
	adr	x2, vectors
	/* Until SCTLR is ours a load would be in the old kernel's byte order: no constant from memory. */
	branch_if_plain_el2 6f, x0
	movz	w1, #(SCTLR_EL1_OFF >> 16), lsl #16
	movk	w1, #(SCTLR_EL1_OFF & 0xffff)
	msr	sctlr_el1, x1
	msr	vbar_el1, x2
	b	7f
6:	movz	w1, #(SCTLR_EL2_OFF >> 16), lsl #16
	movk	w1, #(SCTLR_EL2_OFF & 0xffff)
	msr	sctlr_el2, x1
	msr	vbar_el2, x2
7:	isb
	forget_by_level x0
	adrp	x0, stack_end
	add	x0, x0, :lo12:stack_end
	mov	sp, x0
	mov	x29, xzr
	bl	purgatory_main
	bl	cpu_enter
	brk	#0
	.size	purgatory_start, . - purgatory_start

/* void cpu_jump(uint64_t entry, uint64_t dtb) */
	.globl	cpu_jump
	.hidden	cpu_jump
	.type	cpu_jump, %function
cpu_jump:
	mov	x4, x0
	mov	x0, x1
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	dsb	sy
	isb
	br	x4
	.size	cpu_jump, . - cpu_jump

/* void cpu_mmu_on(uint64_t root, uint64_t tcr, uint64_t start, uint64_t end) */
	.globl	cpu_mmu_on
	.hidden	cpu_mmu_on
	.type	cpu_mmu_on, %function
cpu_mmu_on:
	each_line ivac, x2, x3, x4, x5
	forget_by_level x4
	mov	x4, #0xff		/* MAIR index 0: write-back, read and write allocate */
	branch_if_plain_el2 6f, x5
	msr	mair_el1, x4
	msr	tcr_el1, x1
	msr	ttbr0_el1, x0
	isb
	mrs	x4, sctlr_el1
	mov	x5, #SCTLR_ON
	orr	x4, x4, x5
	msr	sctlr_el1, x4
	isb
	ret
6:	msr	mair_el2, x4
	msr	tcr_el2, x1
	msr	ttbr0_el2, x0
	isb
	mrs	x4, sctlr_el2
	mov	x5, #SCTLR_ON
	orr	x4, x4, x5
	msr	sctlr_el2, x4
	isb
	ret
	.size	cpu_mmu_on, . - cpu_mmu_on

/*
 * void cpu_mmu_off(uint64_t start, uint64_t end): the caches first, then their lines, so that none
 * can get dirty again; nothing is loaded or stored until all are written back.
 */
	.globl	cpu_mmu_off
	.hidden	cpu_mmu_off
	.type	cpu_mmu_off, %function
cpu_mmu_off:
	dsb	sy
	branch_if_plain_el2 6f, x4
	ldr	w4, =SCTLR_EL1_OFF
	isb				/* Falkor erratum E1041 */
	msr	sctlr_el1, x4
	b	7f
6:	ldr	w4, =SCTLR_EL2_OFF
	isb
	msr	sctlr_el2, x4
7:	isb
	each_line civac, x0, x1, x4, x5
	forget_by_level x4
	ret
	.size	cpu_mmu_off, . - cpu_mmu_off
	.ltorg

/* void cpu_hvc(uint64_t function), void cpu_smc(uint64_t function): SMC calling convention, DEN 0028 */
	.globl	cpu_hvc
	.hidden	cpu_hvc
	.type	cpu_hvc, %function
cpu_hvc:
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	hvc	#0
	ret
	.size	cpu_hvc, . - cpu_hvc

	.globl	cpu_smc
	.hidden	cpu_smc
	.type	cpu_smc, %function
cpu_smc:
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	smc	#0
	ret
	.size	cpu_smc, . - cpu_smc

/* Sixteen entries of 128 bytes; whatever comes, nothing goes back. */
	.balign	2048
vectors:
	.rept	16
	.balign	128
	b	exception
	.endr
	.balign	128
	.type	exception, %function
exception:
	adrp	x0, stack_end
	add	x0, x0, :lo12:stack_end
	mov	sp, x0
	branch_if_plain_el2 6f, x2
	mrs	x0, esr_el1
	mrs	x1, elr_el1
	b	purgatory_exception
6:	mrs	x0, esr_el2
	mrs	x1, elr_el2
	b	purgatory_exception
	.size	exception, . - exception

	/* The deepest call takes 1 KB, and 6 KB where SHA-256 is compiled without optimisation. */
	.section .bss.stack, "aw", %nobits
	.balign	16
	.skip	8192
stack_end:

	.section .note.GNU-stack, "", %progbits
