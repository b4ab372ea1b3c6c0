/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CPU's part of the arm purgatory (seam: purgatory/purgatory.h). Freestanding. */
#include <stdbool.h>

#include "arch/arm/handoff.h"
#include "arch/arm/section_map.h"
#include "purgatory/psci.h"
#include "purgatory/purgatory.h"

void cpu_jump(uint32_t entry, uint32_t machine, uint32_t r2);
void cpu_enter(uint32_t machine);
void cpu_caches_on(const uint32_t *table, uint32_t start, uint32_t end, uint32_t line);
void cpu_caches_off(uint32_t start, uint32_t end, uint32_t line);
void cpu_psci_smc(uint32_t function);
void cpu_psci_hvc(uint32_t function);

enum { HYP_MODE = 0x1a, MODE_MASK = 0x1f };

static uint32_t table[SECTION_MAP_ENTRIES] __attribute__((aligned(16384), section(".bss.table")));
static bool cached;

/* VBAR or HVBAR, set by entry.S. */
void cpu_traps(bool on)
{
	(void)on;
}

/* Run-time ABI for the Arm Architecture (IHI 0043): clang calls it where it does not optimise. */
uint32_t __aeabi_uidiv(uint32_t n, uint32_t d);

uint32_t __aeabi_uidiv(uint32_t n, uint32_t d)
{
	uint32_t q = 0, rest = 0;

	for (unsigned bit = 32; d && bit--;) {
		rest = rest << 1 | (n >> bit & 1);
		if (rest >= d) {
			rest -= d;
			q |= 1u << bit;
		}
	}
	return q;
}

static bool in_hyp_mode(void)
{
	uint32_t psr;

	__asm__("mrs %0, cpsr" : "=r"(psr));
	return (psr & MODE_MASK) == HYP_MODE;
}

/* ID_MMFR0 bits 3:0: 3 and above, VMSAv7 with short descriptors. */
static bool has_sections(void)
{
	uint32_t mmfr0;

	__asm__("mrc p15, 0, %0, c0, c1, 4" : "=r"(mmfr0));
	return (mmfr0 & 0xf) >= 3;
}

/* The lines of the cache, of @size bytes, that the purgatory lies in. */
struct lines {
	uint32_t start, end, size;
};

/* CTR bits 19:16: the smallest data cache line, log2 of words. */
static struct lines own_lines(void)
{
	uint32_t ctr, self = (uint32_t)baton_handoff.args[ARM_ARG_SELF];

	__asm__("mrc p15, 0, %0, c0, c0, 1" : "=r"(ctr));
	uint32_t size = 4u << (ctr >> 16 & 0xf);

	return (struct lines){self & ~(size - 1), self + (uint32_t)baton_handoff.args[ARM_ARG_SIZE],
			      size};
}

/*
 * With the caches off a hash takes minutes on real machines. HYP mode has other tables (long
 * descriptors only): there it stays slow, and right.
 */
sha256_blocks_fn *cpu_sha256_begin(const char **name)
{
	*name = "generic";
	if (in_hyp_mode() || !has_sections() || !section_map(table, &baton_handoff))
		return sha256_blocks_generic;
	struct lines own = own_lines();
	cpu_caches_on(table, own.start, own.end, own.size);
	cached = true;
	return sha256_blocks_generic;
}

/*
 * What was read stays in the caches. A raw Image writes to itself before its MMU is on, and finds
 * such lines again later on: on a CPU with its own L2 cache proc-v7.S invalidates no more than L1.
 */
static void forget_regions(uint32_t line)
{
	for (uint32_t i = 0; i < baton_handoff.nregions; i++) {
		const struct handoff_region *r = &baton_handoff.regions[i];

		/* DCCIMVAC. Nothing was mapped above 4 GiB. */
		for (uint64_t at = r->start & ~(uint64_t)(line - 1);
		     at < r->start + r->len && !(at >> 32); at += line)
			__asm__ volatile("mcr p15, 0, %0, c7, c14, 1"
					 :
					 : "r"((uint32_t)at)
					 : "memory");
	}
	__asm__ volatile("dsb" : : : "memory");
}

/* Between on and off nothing is written but this program's own data, bss and stack. */
void cpu_sha256_end(void)
{
	struct lines own = own_lines();

	if (!cached)
		return;
	cached = false;
	cpu_caches_off(own.start, own.end, own.size);
	forget_regions(own.size);
}

const char *cpu_cannot_enter(const struct handoff *h)
{
	if (h->entry >> 32 || h->args[ARM_ARG_R2] >> 32)
		return "the entry needs all below 4 GiB";
	return NULL;
}

/* Called by entry.S when purgatory_main is content. */
void cpu_enter(uint32_t machine)
{
	const struct handoff *h = &baton_handoff;

	cpu_jump((uint32_t)h->entry, machine, (uint32_t)h->args[ARM_ARG_R2]);
}

/* Without PSCI nothing that every machine has resets it: a watchdog may. */
void cpu_reset(void)
{
	if (baton_handoff.args[ARM_ARG_PSCI] == PSCI_SMC)
		cpu_psci_smc(PSCI_SYSTEM_RESET);
	if (baton_handoff.args[ARM_ARG_PSCI] == PSCI_HVC)
		cpu_psci_hvc(PSCI_SYSTEM_RESET);
	purgatory_no_reset();
}

void cpu_halt(void)
{
	for (;;)
		__asm__ volatile("wfi");
}
