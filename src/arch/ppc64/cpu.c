/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the purgatory does to a ppc64 CPU besides entering and leaving: vectors, reset, halt. */
#include <stdbool.h>
#include <stddef.h>

#include "arch/ppc64/cpu.h"
#include "arch/ppc64/handoff.h"
#include "arch/ppc64/sha256_p8.h"
#include "purgatory/purgatory.h"

_Noreturn void cpu_enter(void);
/* entry.S: the number of the CPU that runs this. */
extern uint64_t boot_cpu;
extern const uint8_t purgatory_start[];

/* Power ISA 2.07, book III-S, 3.2.1 "Machine State Register". */
#define MSR_VEC (UINT64_C(1) << 25)
#define MSR_VSX (UINT64_C(1) << 23)
#define MSR_FP  (UINT64_C(1) << 13)

#define GIB4 (UINT64_C(1) << 32)

/* boot_cpuid_phys in the header of a device tree: Devicetree Specification 0.4, 5.2. */
#define FDT_BOOT_CPU 28

static uint64_t msr_before;

static uint64_t read_msr(void)
{
	uint64_t v;

	__asm__ volatile("mfmsr %0" : "=r"(v));
	return v;
}

static void write_msr(uint64_t v)
{
	__asm__ volatile("mtmsrd %0\n\tisync" : : "r"(v) : "memory");
}

sha256_blocks_fn *cpu_sha256_begin(const char **name)
{
	*name = "generic";
	if (baton_handoff.args[PPC64_ARG_VECTOR] != 1)
		return sha256_blocks_generic;
	msr_before = read_msr();
	write_msr(msr_before | MSR_VEC | MSR_VSX | MSR_FP);
	*name = "vshasigma";
	return sha256_blocks_p8;
}

void cpu_sha256_end(void)
{
	if (msr_before)
		write_msr(msr_before);
	msr_before = 0;
}

const char *cpu_cannot_enter(const struct handoff *h)
{
	if (!h->args[PPC64_ARG_DTB] || h->args[PPC64_ARG_DTB] & 7)
		return "no device tree for the next kernel";
	return NULL;
}

/* Called by entry.S when purgatory_main is content. */
void cpu_enter(void)
{
	const struct handoff *h = &baton_handoff;
	bool opal = h->args[PPC64_ARG_FIRMWARE] == PPC64_FIRMWARE_OPAL;
	uint8_t *dtb = (uint8_t *)(uintptr_t)h->args[PPC64_ARG_DTB];

	/* Which CPU a panic happens on is known to nobody before. */
	put_be32(dtb + FDT_BOOT_CPU, (uint32_t)boot_cpu);
	ppc64_enter(h->args[PPC64_ARG_DTB], h->entry, opal ? h->args[PPC64_ARG_BASE] : 0,
		    opal ? h->args[PPC64_ARG_ENTRY] : 0);
}

/* PAPR 7.3.5 "system-reboot": one output, no input. */
static void reset_by_rtas(const struct handoff *h)
{
	static uint8_t args[16] __attribute__((aligned(8)));

	put_be32(args, (uint32_t)h->args[PPC64_ARG_REBOOT]);
	put_be32(args + 4, 0);
	put_be32(args + 8, 1);
	if ((uintptr_t)args < GIB4)
		ppc64_rtas((uintptr_t)args, h->args[PPC64_ARG_BASE], h->args[PPC64_ARG_ENTRY]);
}

static void reset_by_opal(const struct handoff *h)
{
	uint64_t base = h->args[PPC64_ARG_BASE], entry = h->args[PPC64_ARG_ENTRY];
	int64_t r = OPAL_BUSY;

	while (r == OPAL_BUSY || r == OPAL_BUSY_EVENT) {
		r = ppc64_opal(OPAL_CEC_REBOOT, 0, 0, 0, base, entry);
		(void)ppc64_opal(OPAL_POLL_EVENTS, 0, 0, 0, base, entry);
	}
	/* Accepted: it happens while somebody polls. */
	while (r == OPAL_SUCCESS)
		(void)ppc64_opal(OPAL_POLL_EVENTS, 0, 0, 0, base, entry);
}

void cpu_reset(void)
{
	const struct handoff *h = &baton_handoff;

	if (h->args[PPC64_ARG_FIRMWARE] == PPC64_FIRMWARE_RTAS && h->args[PPC64_ARG_REBOOT])
		reset_by_rtas(h);
	if (h->args[PPC64_ARG_FIRMWARE] == PPC64_FIRMWARE_OPAL)
		reset_by_opal(h);
	purgatory_no_reset();
}

void cpu_halt(void)
{
	for (;;)
		__asm__ volatile("or 1,1,1"); /* low priority: book II, 3.2 */
}
