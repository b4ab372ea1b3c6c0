/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the time base of a POWER processor: under QEMU's -icount, instructions times 0.512. */
#include <stdio.h>

int main(void)
{
	unsigned long t;

	__asm__ volatile("mfspr %0,268" : "=r"(t));
	printf("%lu\n", t);
	return 0;
}
