/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the purgatory does to an x86_64 CPU besides entering and leaving: SSE, reset, halt. */
#include <cpuid.h>
#include <stdbool.h>
#include <stddef.h>

#include "arch/x86_64/handoff.h"
#include "arch/x86_64/mmio_map.h"
#include "arch/x86_64/port.h"
#include "arch/x86_64/sha256_ni.h"
#include "purgatory/purgatory.h"

/* entry.S */
_Noreturn void cpu_enter64(uint64_t entry, uint64_t boot_params);
_Noreturn void cpu_enter32(uint32_t entry, uint32_t boot_params);
_Noreturn void cpu_triple_fault(void);
_Noreturn void cpu_enter(void);
extern const uint8_t purgatory_start[];

#define GIB4 (UINT64_C(1) << 32)

enum { CR0_MP = 1u << 1, CR0_EM = 1u << 2, CR0_TS = 1u << 3 };
enum { CR4_OSFXSR = 1u << 9, CR4_OSXMMEXCPT = 1u << 10, CR4_LA57 = 1u << 12 };

/* As they were before SSE was turned on. */
static struct {
	uint64_t cr0, cr4;
	bool on;
} sse;

static uint64_t read_cr0(void)
{
	uint64_t v;

	__asm__ volatile("movq %%cr0, %0" : "=r"(v));
	return v;
}

static uint64_t read_cr4(void)
{
	uint64_t v;

	__asm__ volatile("movq %%cr4, %0" : "=r"(v));
	return v;
}

static void write_cr0(uint64_t v)
{
	__asm__ volatile("movq %0, %%cr0" : : "r"(v) : "memory");
}

static void write_cr4(uint64_t v)
{
	__asm__ volatile("movq %0, %%cr4" : : "r"(v) : "memory");
}

sha256_blocks_fn *cpu_sha256_begin(const char **name)
{
	*name = "generic";
	if (!sha256_ni_here())
		return sha256_blocks_generic;
	/* Intel SDM volume 3, 13.1.3 "Initialization of the SSE Extensions". */
	sse.cr0 = read_cr0();
	sse.cr4 = read_cr4();
	write_cr0((sse.cr0 & ~(uint64_t)(CR0_EM | CR0_TS)) | CR0_MP);
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

static uint64_t spare_table[MMIO_MAP_ENTRIES] __attribute__((aligned(4096), section(".bss.table")));

static bool has_huge_pages(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(0x80000001, &a, &b, &c, &d) && (d & 1u << 26);
}

bool mmio_reach(uint64_t first, uint64_t last)
{
	uint64_t cr3;
	struct mmio_tables t = {.huge = has_huge_pages(), .spare = spare_table};

	__asm__ volatile("movq %%cr3, %0" : "=r"(cr3));
	t.root = (uint64_t *)(uintptr_t)(cr3 & ~UINT64_C(0xfff));
	t.levels = read_cr4() & CR4_LA57 ? 5 : 4;
	if (last < first || !mmio_map(&t, first))
		return false;
	t.spare = NULL; /* it may be in use now */
	return mmio_map(&t, last);
}

const char *cpu_cannot_enter(const struct handoff *h)
{
	uint64_t here = (uintptr_t)purgatory_start;

	switch (h->args[X86_ARG_MODE]) {
	case X86_MODE_64:
		return NULL;
	case X86_MODE_32:
		/* 16 MiB is what the linker lets an image be (elf/link.h). */
		if (here > GIB4 - (16u << 20) || h->entry >= GIB4 ||
		    h->args[X86_ARG_BOOT_PARAMS] >= GIB4)
			return "a 32-bit entry needs all below 4 GiB";
		return NULL;
	default:
		return "the mode of the entry is unknown";
	}
}

/* Called by entry.S when purgatory_main is content. */
void cpu_enter(void)
{
	const struct handoff *h = &baton_handoff;
	uint64_t params = h->args[X86_ARG_BOOT_PARAMS];

	if (h->args[X86_ARG_MODE] == X86_MODE_32)
		cpu_enter32((uint32_t)h->entry, (uint32_t)params);
	cpu_enter64(h->entry, params);
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

void cpu_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}
