/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First and last instructions of the riscv64 purgatory.
 *
 * What Linux leaves (6.12, arch/riscv/kernel/kexec_relocate.S): S-mode, SATP = 0, interrupts off
 * and none enabled, a0 = the hart's id, a1 = the device tree's address, every other register but
 * sp, gp, tp and ra zero. stvec is the way in after a crash: writing SATP there traps to the address
 * of this code, which therefore lies on a multiple of 4; after a jump it points into the old kernel.
 *
 * What the next kernel expects (Documentation/arch/riscv/boot.rst): a0 = the hart's id, a1 = the
 * device tree, SATP = 0.
 *
 * Control registers and fence.i are written as numbers: one compiler wants them named in -march, the
 * other does not know those names.
 */
#define CSRW_STVEC_T0 .4byte 0x10529073
#define CSRW_SIE_ZERO .4byte 0x10401073
#define CSRR_A0_SCAUSE .4byte 0x14202573
#define CSRR_A1_SEPC   .4byte 0x141025f3
#define FENCE_I       .4byte 0x0000100f

	.text
	.balign	4
	.globl	purgatory_start
	.type	purgatory_start, @function
purgatory_start:
	lla	t0, trap
	CSRW_STVEC_T0
	CSRW_SIE_ZERO
	lla	sp, stack_end
	mv	s0, a0
	mv	s1, zero
	call	purgatory_main
	mv	a0, s0
	call	cpu_leave
	.size	purgatory_start, . - purgatory_start

/* Nothing here is meant to fault. */
	.balign	4
	.type	trap, @function
trap:
	lla	sp, stack_end
	CSRR_A0_SCAUSE
	CSRR_A1_SEPC
	call	purgatory_exception
	.size	trap, . - trap

/* void cpu_jump(uint64_t hart, uint64_t dtb, uint64_t entry) */
	.globl	cpu_jump
	.hidden	cpu_jump
	.type	cpu_jump, @function
cpu_jump:
	fence	rw, rw
	FENCE_I
	jr	a2
	.size	cpu_jump, . - cpu_jump

	.bss
	.balign	16
	.skip	4096
stack_end:

	.section .note.GNU-stack, "", @progbits
