/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a purgatory with a section that is both writable and executable. */
	.section .patched, "awx", @progbits
	ret

	.section .note.GNU-stack, "", @progbits
