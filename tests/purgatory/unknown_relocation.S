/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a purgatory that wants a GOT: R_X86_64_REX_GOTPCRELX, type 42. */
	.text
	.globl	baton_wants_a_got
baton_wants_a_got:
	movq	baton_handoff@GOTPCREL(%rip), %rax
	ret

	.section .note.GNU-stack, "", @progbits
