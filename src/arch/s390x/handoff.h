/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What struct handoff's args mean to the s390x purgatory. A crash kernel is built to run from
 * address 0: [0, size) changes places with [base, base + size), of which [base, base + used) holds
 * what was loaded; behind it nothing is brought down. The entry is an address of before that. Size
 * and base are 0 for a jump.
 */
#define S390_ARG_CRASH_BASE 0
#define S390_ARG_CRASH_SIZE 1
#define S390_ARG_CRASH_USED 2
/* Start and end of the purgatory itself, bss included. */
#define S390_ARG_OWN_START 3
#define S390_ARG_OWN_END   4
