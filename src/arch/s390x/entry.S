/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First and last instructions of the s390x purgatory. Architecture: z/Architecture Principles of
 * Operation (SA22-7832); calls: the ELF ABI s390x supplement.
 *
 * How the old kernel comes here (Linux 6.1, arch/s390/kernel):
 * - a jump: relocate_kernel.S stores a short PSW with our address (31 bits) at absolute 0 and resets
 *   the machine by diagnose 0x308. ESA/390 mode on machines that have it, 31-bit addressing, all
 *   registers zero, prefix 0, no I/O and no interruption pending.
 * - a crash, machine_kexec.c: twice, as int start(int), 64-bit, DAT off, interruptions off. First
 *   with %r2 = 0, while the old kernel still lives (other CPUs run, the lowcore is its own): say by
 *   the return code whether all is sound, 0 = yes, and touch nothing. Then, after a reset, with
 *   %r2 = 1: prefix 0, never to return.
 */
#define SIGP_SET_ARCHITECTURE 0x12
#define FRAME 160
/* Where args[S390_ARG_CRASH_SIZE] lies in struct handoff; cpu.c asserts that. */
#define HANDOFF_CRASH_SIZE 80

	.text
	.globl	purgatory_start
	.type	purgatory_start, @function
purgatory_start:
	lhi	%r1, 1		/* z/Architecture, and 64-bit registers from here on */
	sigp	%r1, %r0, SIGP_SET_ARCHITECTURE
	sam64
	larl	%r1, saved
	stmg	%r6, %r15, 0(%r1)
	larl	%r15, stack_end - FRAME
	xc	0(8, %r15), 0(%r15)	/* no caller */
	larl	%r1, baton_handoff
	lg	%r1, HANDOFF_CRASH_SIZE(%r1)
	ltgr	%r1, %r1
	jz	1f
	ltr	%r2, %r2
	jnz	1f
	brasl	%r14, cpu_check
	larl	%r1, saved
	lmg	%r6, %r15, 0(%r1)
	br	%r14
1:	brasl	%r14, purgatory_main
	brasl	%r14, cpu_enter
	j	.
	.size	purgatory_start, . - purgatory_start

/* Where the program new PSW leads. The codes and the old PSW are in the lowcore. */
	.globl	s390_exception
	.type	s390_exception, @function
s390_exception:
	larl	%r15, stack_end - FRAME
	xc	0(8, %r15), 0(%r15)
	lghi	%r1, 0
	llgh	%r2, 0x8e(%r1)		/* program interruption code */
	lg	%r3, 0x158(%r1)		/* program old PSW, address */
	brasl	%r14, purgatory_exception
	.size	s390_exception, . - s390_exception

/* void cpu_load_psw(const struct psw *psw), never back */
	.globl	cpu_load_psw
	.type	cpu_load_psw, @function
cpu_load_psw:
	lpswe	0(%r2)
	.size	cpu_load_psw, . - cpu_load_psw

/*
 * bool cpu_service_call(uint32_t command, void *sccb): send it to the SCLP (%r3: below 2 GiB) and
 * wait for the interruption that tells the end, never for ever. False if it was not taken, or has
 * not ended. The caller has opened CR0 for service signals and cares for the lowcore that an
 * external interruption writes.
 */
	.globl	cpu_service_call
	.type	cpu_service_call, @function
cpu_service_call:
	.insn	rre, 0xb2200000, %r2, %r3	/* servc */
	lghi	%r2, 0
	bnzr	%r14		/* busy or not there */
	larl	%r1, 3f
	larl	%r4, mask
	lg	%r5, 0(%r4)
	stg	%r5, 0x1b0	/* external new PSW: nothing open */
	stg	%r1, 0x1b8
	llilh	%r0, 0x4000	/* 2^30 rounds: a second or so */
	stosm	8(%r4), 0x01	/* external interruptions */
2:	brctg	%r0, 2b
	stnsm	8(%r4), 0xfe
	br	%r14
3:	lghi	%r2, 1
	br	%r14
	.size	cpu_service_call, . - cpu_service_call

/* void s390_copy(uint64_t to, uint64_t len, uint64_t from, uint64_t len) */
	.globl	s390_copy
	.type	s390_copy, @function
s390_copy:
	mvcle	%r2, %r4, 0
	jo	s390_copy
	br	%r14
	.size	s390_copy, . - s390_copy

/*
 * void s390_hop(uint64_t to, uint64_t len, uint64_t from, uint64_t len, const struct psw *psw), the
 * end of a swap, never back. It is copied elsewhere and called there, because it writes over the
 * purgatory.
 */
	.globl	s390_hop
	.globl	s390_hop_end
	.type	s390_hop, @function
s390_hop:
	mvcle	%r2, %r4, 0
	jo	s390_hop
	lpswe	0(%r6)
s390_hop_end:
	.size	s390_hop, . - s390_hop

/* void s390_ipl_again(void): diagnose 0x308, subcode 3, "load clear". Comes back only if refused. */
	.globl	s390_ipl_again
	.type	s390_ipl_again, @function
s390_ipl_again:
	lghi	%r2, 0
	lghi	%r3, 0
	lghi	%r4, 3
	diag	%r2, %r4, 0x308
	br	%r14
	.size	s390_ipl_again, . - s390_ipl_again

	.data
	.balign	8
	/* 64-bit addressing, no interruption open, key 0, DAT off; behind it a byte to store into. */
mask:
	.quad	0x0000000180000000
	.quad	0
saved:
	.skip	80

	.section .bss.stack, "aw", @nobits
	.balign	8
	.skip	4096
stack_end:

	.section .note.GNU-stack, "", @progbits
