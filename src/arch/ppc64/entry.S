/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First and last instructions of the ppc64 purgatory, and the calls to firmware. One source for
 * both byte orders: the purgatory has that of the kernel which runs before it.
 *
 * What kexec_sequence leaves (Linux 6.1, arch/powerpc/kernel/misc_64.S): real mode, 64-bit, the old
 * kernel's byte order, interrupts off; r3 = number of this CPU, r4 = purgatory_start, r5 = 0. It has
 * copied the first 256 bytes from purgatory_start to address 0, and all other CPUs have branched to
 * 0x60 in there, big-endian, with their number in r3. Those bytes are the next kernel's own but for
 * the first word (the loader puts them here: fill.c), so that the others wait in the next
 * kernel's loop and nobody moves them again.
 *
 * What the next kernel expects: Documentation/powerpc/booting.rst and arch/powerpc/kernel/head_64.S,
 * "kexec style entry": real mode, big-endian, r3 = device tree, r4 = where the kernel lies, r5 = 0;
 * r8, r9 = OPAL's base and entry.
 */
#include "arch/ppc64/traps.h"

#define MSR_LE 1
/*
 * In SPRG0 of the CPU that runs this: vectors are everybody's, and others may still be in the old
 * kernel.
 */
#define OURS_HIGH 0x4241
#define OURS_LOW  0x544f

/* An instruction for the byte order that firmware returns in: big-endian. */
#ifdef __LITTLE_ENDIAN__
#define BIG(insn)                                                                                  \
	.long	((insn) & 0xff) << 24 | ((insn) & 0xff00) << 8 | ((insn) >> 8 & 0xff00) |          \
		((insn) >> 24 & 0xff)
#else
#define BIG(insn) .long insn
#endif

/* r1, r2: ELFv2 code finds its data from .TOC., which our linker puts at the image's start. */
	.macro	own_stack
	bcl	20, 31, 2f
2:	mflr	%r12
	addi	%r2, %r12, (.TOC. - 2b)@l
	addis	%r2, %r2, (.TOC. - 2b)@ha
	addis	%r1, %r2, stack_end@toc@ha
	addi	%r1, %r1, stack_end@toc@l
	li	%r0, 0
	stdu	%r0, -96(%r1)
	.endm

	.machine power8
	.abiversion 2
	.text

	.globl	purgatory_start
	.type	purgatory_start, @function
	.balign	256
purgatory_start:
	b	1f
	.org	purgatory_start + 0x100
1:	own_stack
	lis	%r4, OURS_HIGH
	ori	%r4, %r4, OURS_LOW
	mtsprg	0, %r4
	addis	%r4, %r2, boot_cpu@toc@ha
	std	%r3, boot_cpu@toc@l(%r4)
	bl	purgatory_main
	nop
	bl	cpu_enter
	nop
	trap
	.size	purgatory_start, . - purgatory_start

/*
 * What traps.c copies to low memory, behind the vectors' branches. The link register says which
 * vector it was, TRAP_* are addresses there that hold ppc64_exception's. Big-endian first, from which
 * a little-endian purgatory returns to its own order.
 */
	.globl	ppc64_trap_big
	.hidden	ppc64_trap_big
ppc64_trap_big:
	BIG(0x7d4802a6)			/* mflr r10 */
	BIG(0x7d3a02a6)			/* mfsrr0 r9 */
	BIG(0xe9800000 + TRAP_BIG)	/* ld r12, TRAP_BIG(0) */
	BIG(0x7d6000a6)			/* mfmsr r11 */
#ifdef __LITTLE_ENDIAN__
	BIG(0x616b0000 + MSR_LE)	/* ori r11, r11, MSR_LE */
#endif
	BIG(0x7d9a03a6)			/* mtsrr0 r12 */
	BIG(0x7d7b03a6)			/* mtsrr1 r11 */
	BIG(0x4c000024)			/* rfid */
	.globl	ppc64_trap_own
	.hidden	ppc64_trap_own
ppc64_trap_own:
	mflr	%r10
	mfsrr0	%r9
	ld	%r12, TRAP_OWN(0)
	mtctr	%r12
	bctr
	.globl	ppc64_trap_end
	.hidden	ppc64_trap_end
ppc64_trap_end:

	.globl	ppc64_exception
	.hidden	ppc64_exception
	.type	ppc64_exception, @function
ppc64_exception:
	lis	%r11, OURS_HIGH
	ori	%r11, %r11, OURS_LOW
	mfsprg	%r12, 0
	cmpd	%r11, %r12
	bne	.			/* one that did not answer the panic: it waits here */
	own_stack
	clrrdi	%r3, %r10, 5
	mr	%r4, %r9
	bl	purgatory_exception
	nop
	trap
	.size	ppc64_exception, . - ppc64_exception

/* void ppc64_enter(uint64_t dtb, uint64_t entry, uint64_t opal_base, uint64_t opal_entry) */
	.globl	ppc64_enter
	.hidden	ppc64_enter
	.type	ppc64_enter, @function
ppc64_enter:
	mr	%r8, %r5
	mr	%r9, %r6
	li	%r5, 0
	li	%r6, 0
	li	%r7, 0
	mfmsr	%r11
	clrrdi	%r11, %r11, 1		/* MSR_LE */
	mtsrr0	%r4
	mtsrr1	%r11
	rfid
	.size	ppc64_enter, . - ppc64_enter

/* int64_t ppc64_hcall(uint64_t code, uint64_t a, uint64_t b, uint64_t c, uint64_t d) */
	.globl	ppc64_hcall
	.hidden	ppc64_hcall
	.type	ppc64_hcall, @function
ppc64_hcall:
	mfcr	%r0
	std	%r0, 8(%r1)
	sc	1
	ld	%r0, 8(%r1)
	mtcrf	0xff, %r0
	blr
	.size	ppc64_hcall, . - ppc64_hcall

/*
 * int64_t ppc64_opal(uint64_t token, uint64_t a, uint64_t b, uint64_t c, uint64_t base,
 *                    uint64_t entry): skiboot doc/opal-api: big-endian, r0 = token, r2 = base. It
 * keeps what a function of C keeps, so our byte order can wait in r31.
 */
	.globl	ppc64_opal
	.hidden	ppc64_opal
	.type	ppc64_opal, @function
ppc64_opal:
	mflr	%r0
	std	%r0, 16(%r1)
	mfcr	%r0
	std	%r0, 8(%r1)
	std	%r30, -16(%r1)
	std	%r31, -8(%r1)
	stdu	%r1, -112(%r1)
	std	%r2, 24(%r1)
	mr	%r0, %r3
	mr	%r3, %r4
	mr	%r4, %r5
	mr	%r5, %r6
	mr	%r2, %r7
	mr	%r12, %r8
	bcl	20, 31, 3f
3:	mflr	%r30
	addi	%r30, %r30, 5f - 3b
	addi	%r11, %r30, 4f - 5f
	mtlr	%r11
	mfmsr	%r31
	clrrdi	%r11, %r31, 1
	mtsrr0	%r12
	mtsrr1	%r11
	rfid
4:	BIG(0x7fda03a6)			/* mtsrr0 r30 */
	BIG(0x7ffb03a6)			/* mtsrr1 r31 */
	BIG(0x4c000024)			/* rfid */
5:	ld	%r2, 24(%r1)
	addi	%r1, %r1, 112
	ld	%r31, -8(%r1)
	ld	%r30, -16(%r1)
	ld	%r0, 8(%r1)
	mtcrf	0xff, %r0
	ld	%r0, 16(%r1)
	mtlr	%r0
	blr
	.size	ppc64_opal, . - ppc64_opal

/*
 * void ppc64_rtas(uint64_t args, uint64_t base, uint64_t entry), for a call that does not come
 * back: PAPR 7.2: big-endian, 32-bit, real mode, r3 = arguments, r4 = base. Should it return, it
 * waits for ever.
 */
	.globl	ppc64_rtas
	.hidden	ppc64_rtas
	.type	ppc64_rtas, @function
ppc64_rtas:
	bcl	20, 31, 6f
6:	mflr	%r11
	addi	%r11, %r11, 7f - 6b
	mtlr	%r11
	mfmsr	%r11
	clrldi	%r11, %r11, 1		/* MSR_SF */
	clrrdi	%r11, %r11, 1
	mtsrr0	%r5
	mtsrr1	%r11
	rfid
7:	BIG(0x48000000)			/* b . */
	.size	ppc64_rtas, . - ppc64_rtas

	.bss
	.balign	8
	.globl	boot_cpu
	.hidden	boot_cpu
boot_cpu:
	.skip	8
	.size	boot_cpu, 8

	/* The deepest call takes less than 4 KB, OPAL its own stack. */
	.section .bss.stack, "aw", @nobits
	.balign	16
	.skip	16384
stack_end:

	.section .note.GNU-stack, "", @progbits
