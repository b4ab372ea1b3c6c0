/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the purgatories of x86_64 and i386 do alike: SSE, entries without paging, reset, halt. */
#include <stdbool.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/handoff.h"
#include "arch/x86_64/port.h"
#include "arch/x86_64/sha256_ni.h"
#include "purgatory/purgatory.h"

enum { CR0_MP = 1u << 1, CR0_EM = 1u << 2, CR0_TS = 1u << 3 };
enum { CR4_OSFXSR = 1u << 9, CR4_OSXMMEXCPT = 1u << 10 };

/* As they were before SSE was turned on. */
static struct {
	unsigned long cr0, cr4;
	bool on;
} sse;

static unsigned long read_cr0(void)
{
	unsigned long v;

	__asm__ volatile("mov %%cr0, %0" : "=r"(v));
	return v;
}

static unsigned long read_cr4(void)
{
	unsigned long v;

	__asm__ volatile("mov %%cr4, %0" : "=r"(v));
	return v;
}

static void write_cr0(unsigned long v)
{
	__asm__ volatile("mov %0, %%cr0" : : "r"(v) : "memory");
}

static void write_cr4(unsigned long v)
{
	__asm__ volatile("mov %0, %%cr4" : : "r"(v) : "memory");
}

/* An IDT, made by entry.S and taken away at the jump. */
void cpu_traps(bool on)
{
	(void)on;
}

sha256_blocks_fn *cpu_sha256_begin(const char **name)
{
	*name = "generic";
	if (!sha256_ni_here())
		return sha256_blocks_generic;
	/* Intel SDM volume 3, 13.1.3 "Initialization of the SSE Extensions". */
	sse.cr0 = read_cr0();
	sse.cr4 = read_cr4();
	write_cr0((sse.cr0 & ~(unsigned long)(CR0_EM | CR0_TS)) | CR0_MP);
	write_cr4(sse.cr4 | CR4_OSFXSR | CR4_OSXMMEXCPT);
	sse.on = true;
	*name = "sha-ni";
	return sha256_blocks_ni;
}

void cpu_sha256_end(void)
{
	if (!sse.on)
		return;
	write_cr4(sse.cr4);
	write_cr0(sse.cr0);
	sse.on = false;
}

/* Some milliseconds; port 0x80 takes about a microsecond and is nobody's. */
static void pause_ms(unsigned ms)
{
	for (unsigned i = 0; i < ms * 1000; i++)
		port_out(0x80, 0);
}

/* In the order of Linux 6.1 arch/x86/kernel/reboot.c without ACPI and EFI: each may do nothing. */
void cpu_reset(void)
{
	enum { RESET_CONTROL = 0xcf9, KEYBOARD = 0x64, PULSE_RESET = 0xfe };

	port_out(RESET_CONTROL, 0x02); /* a hard reset is wanted */
	pause_ms(1);
	port_out(RESET_CONTROL, 0x06); /* now */
	pause_ms(50);
	for (unsigned i = 0; i < 10000 && (port_in(KEYBOARD) & 2); i++)
		port_out(0x80, 0);
	port_out(KEYBOARD, PULSE_RESET);
	pause_ms(50);
	cpu_triple_fault();
}

/* 16-bit code reaches 64 KiB from where it begins, and real mode 1 MiB. */
const char *cpu_cannot_be_real(const struct handoff *h, uint64_t here)
{
	const uint64_t mib = 1u << 20, segment = 1u << 16;

	if (here > mib - segment || h->args[X86_ARG_INFO] > mib - segment ||
	    h->args[X86_ARG_INFO] & 15)
		return "a real-mode entry needs the first MiB";
	return NULL;
}

/*
 * The next kernel may call the BIOS, which waits by its timer: what Linux has changed goes back to
 * what a BIOS leaves: both 8259 with their vectors and open, the 8254's first counter at 18.2 Hz.
 */
static void to_bios(void)
{
	static const struct {
		uint16_t port;
		uint8_t value;
	} steps[] = {
		/* 8259A data sheet: ICW1 to ICW4 */
		{0x20, 0x11}, {0x21, 0x08}, {0x21, 0x04}, {0x21, 0x01},
		{0xa0, 0x11}, {0xa1, 0x70}, {0xa1, 0x02}, {0xa1, 0x01},
		/* masks as SeaBIOS sets them; rate generator, 65536 */
		{0x21, 0xb8}, {0xa1, 0x8e}, {0x43, 0x34}, {0x40, 0x00}, {0x40, 0x00},
	};

	for (unsigned i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		port_out(steps[i].port, steps[i].value);
		port_out(0x80, 0);
	}
}

void cpu_enter_unpaged(const struct handoff *h)
{
	const uint32_t entry = (uint32_t)h->entry, info = (uint32_t)h->args[X86_ARG_INFO];

	switch (h->args[X86_ARG_MODE]) {
	case X86_MODE_32:
		cpu_enter32(entry, info, 0, 0);
	case X86_MODE_16:
		to_bios();
		cpu_enter32((uint32_t)(uintptr_t)cpu_real_mode, info,
			    (uint32_t)(uintptr_t)cpu_real_mode_data, 0);
	case X86_MODE_MULTIBOOT:
		to_bios();
		__attribute__((fallthrough));
	case X86_MODE_EBX:
		cpu_enter32(entry, 0, info, (uint32_t)h->args[X86_ARG_EAX]);
	default:
		return;
	}
}

void cpu_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}
