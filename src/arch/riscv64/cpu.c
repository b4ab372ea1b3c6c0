/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the purgatory does to a riscv64 machine besides entering: console, reset, halt, leave. */
#include <stdbool.h>
#include <stddef.h>

#include "arch/riscv64/handoff.h"
#include "arch/riscv64/sbi.h"
#include "arch/riscv64/sha256_zknh.h"
#include "purgatory/purgatory.h"
#include "purgatory/uart.h"

/* entry.S */
_Noreturn void cpu_jump(uint64_t hart, uint64_t dtb, uint64_t entry);
_Noreturn void cpu_leave(uint64_t hart);

static struct {
	bool uart, sbi, debug;
} console;

/* stvec, set by entry.S. */
void cpu_traps(bool on)
{
	(void)on;
}

void console_open(const struct handoff *h)
{
	console.uart = uart_open(h, NULL);
	console.sbi = h->console == HANDOFF_CONSOLE_SBI;
	if (!console.sbi)
		return;
	/* New firmware may have left the legacy calls out. */
	struct sbi_result r = sbi_call(SBI_BASE, SBI_BASE_PROBE, SBI_DEBUG, 0);

	console.debug = !r.error && r.value;
}

void console_put(char c)
{
	if (console.uart)
		uart_put(c);
	else if (console.debug)
		(void)sbi_call(SBI_DEBUG, SBI_DEBUG_WRITE_BYTE, (uint8_t)c, 0);
	else if (console.sbi)
		(void)sbi_call(SBI_PUTCHAR, 0, (uint8_t)c, 0);
}

void console_drain(void)
{
	if (console.uart)
		uart_drain();
}

sha256_blocks_fn *cpu_sha256_begin(const char **name)
{
	bool zknh = baton_handoff.args[RISCV_ARG_ISA] & RISCV_ISA_ZKNH;

	*name = zknh ? "zknh" : "generic";
	return zknh ? sha256_blocks_zknh : sha256_blocks_generic;
}

void cpu_sha256_end(void)
{
}

const char *cpu_cannot_enter(const struct handoff *h)
{
	(void)h;
	return NULL;
}

void cpu_leave(uint64_t hart)
{
	cpu_jump(hart, baton_handoff.args[RISCV_ARG_DTB], baton_handoff.entry);
}

static void say(const char *s)
{
	while (*s)
		console_put(*s++);
}

void cpu_reset(void)
{
	/* A call comes back where firmware has no such extension, or not that kind of reset. */
	(void)sbi_call(SBI_RESET, SBI_RESET_SYSTEM, SBI_RESET_COLD, SBI_RESET_FAILURE);
	(void)sbi_call(SBI_RESET, SBI_RESET_SYSTEM, SBI_RESET_WARM, SBI_RESET_FAILURE);
	say("\r\nbaton: purgatory: this firmware cannot reset, switching off\r\n");
	console_drain();
	(void)sbi_call(SBI_SHUTDOWN, 0, 0, 0);
	purgatory_no_reset();
}

void cpu_halt(void)
{
	for (;;)
		__asm__ volatile("wfi" : : : "memory");
}
