/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that hold addresses, for any CPU of 64 bits. */
	.section .text, "ax"
	.globl start
start:
	.8byte	0
	.section .rodata, "a"
	.ascii	"Linux version 6.1.0-linked (baton)\n"
	.balign	8
	.8byte	start, value + 16, .rodata
	.section .data, "aw"
	.globl	value
	.weak	missing
	.8byte	start + 4
value:
	.8byte	value, 0, missing, start
	.8byte	number
	.globl	number
	.set	number, 0xfffff000
	.section .bss, "aw", %nobits
	.skip	64
