/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls into the firmware: RISC-V Supervisor Binary Interface Specification 2.0. For the purgatory.
 */
#pragma once
#include <stdint.h>

enum sbi_extension {
	SBI_PUTCHAR = 0x01,     /* legacy, chapter 5; one byte in a0 */
	SBI_SHUTDOWN = 0x08,    /* legacy */
	SBI_BASE = 0x10,        /* chapter 4 */
	SBI_DEBUG = 0x4442434e, /* "DBCN", chapter 12 */
	SBI_RESET = 0x53525354, /* "SRST", chapter 10 */
};

enum { SBI_BASE_PROBE = 3, SBI_DEBUG_WRITE_BYTE = 2, SBI_RESET_SYSTEM = 0 };
enum { SBI_RESET_COLD = 1, SBI_RESET_WARM = 2, SBI_RESET_NO_REASON = 0, SBI_RESET_FAILURE = 1 };

struct sbi_result {
	int64_t error; /* 0, or a negative number; legacy calls: theirs */
	uint64_t value;
};

static inline struct sbi_result sbi_call(uint64_t extension, uint64_t function, uint64_t arg0,
					 uint64_t arg1)
{
	register uint64_t a0 __asm__("a0") = arg0;
	register uint64_t a1 __asm__("a1") = arg1;
	register uint64_t a6 __asm__("a6") = function;
	register uint64_t a7 __asm__("a7") = extension;

	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
	return (struct sbi_result){(int64_t)a0, a1};
}
