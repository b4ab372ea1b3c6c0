/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the purgatory does to an arm64 CPU: caches, vector unit, console, reset, halt. */
#include "arch/arm64/cpu.h"

#include <stdbool.h>
#include <stddef.h>

#include "arch/arm64/handoff.h"
#include "arch/arm64/mmu.h"
#include "arch/arm64/sha256_ce.h"
#include "purgatory/psci.h"
#include "purgatory/purgatory.h"
#include "purgatory/verify.h"

#define read_sysreg(name)                                                                          \
	({                                                                                         \
		uint64_t v_;                                                                       \
		__asm__ volatile("mrs %0, " name : "=r"(v_));                                      \
		v_;                                                                                \
	})
#define write_sysreg(name, v) __asm__ volatile("msr " name ", %0\n\tisb" : : "r"((uint64_t)(v)))

/* Fields of registers: DDI 0487, D17.2. */
#define HCR_E2H    (1ull << 34)
#define CPACR_FPEN (3ull << 20)
#define CPTR_TFP   (1ull << 10)
#define CPACR_SMEN (3ull << 24)
#define CPTR_TSM   (1ull << 12)
#define SMSTOP	   ".inst 0xd503467f" /* MSR SVCRSMZA, #0 */

static uint64_t tables[MMU_TABLES][MMU_ENTRIES] __attribute__((aligned(MMU_PAGE)));

static struct {
	struct range written;
	uint64_t fp; /* CPACR_EL1 or CPTR_EL2 as it was */
	bool mmu_on, fp_on;
	unsigned resets; /* how many ways to reset have been tried */
} cpu;

static unsigned field(uint64_t reg, unsigned shift)
{
	return (unsigned)(reg >> shift) & 15;
}

static bool is_el2(void)
{
	return (read_sysreg("CurrentEL") >> 2 & 3) == 2;
}

/* EL2 with registers of its own; with VHE the names with _EL1 reach those of EL2. */
static bool is_plain_el2(void)
{
	return is_el2() && !(read_sysreg("hcr_el2") & HCR_E2H);
}

/* Write-back, inner shareable walks of 48 bits by 4 KiB pages; no second half. */
static uint64_t tcr(bool plain_el2, uint64_t parange)
{
	const uint64_t walks = 16 | 1 << 8 | 1 << 10 | 3 << 12;

	if (plain_el2)
		return walks | parange << 16 | 1ull << 23 | 1ull << 31;
	return walks | 1ull << 23 | 2ull << 30 | parange << 32;
}

/* Leaves the caches off where the CPU or the map does not allow them: slower, and no less right. */
static void caches_on(const struct handoff *h)
{
	uint64_t mmfr0 = read_sysreg("id_aa64mmfr0_el1");
	struct mmu_tables t = {.pool = tables,
			       .pool_at = (uintptr_t)tables,
			       .ntables = MMU_TABLES,
			       .leaf = mmu_leaf(is_plain_el2())};
	unsigned parange = field(mmfr0, 0);

	if (field(mmfr0, 28) == 15) /* no 4 KiB granule */
		return;
	/* Nothing of a damaged table is believed, its addresses neither. */
	if (verify_table(h, sha256_blocks_generic) != VERDICT_OK || !mmu_map_handoff(&t, h))
		return;
	cpu.written = mmu_written(h);
	cpu_mmu_on((uintptr_t)tables, tcr(is_plain_el2(), parange < 5 ? parange : 5),
		   cpu.written.start, cpu.written.end);
	cpu.mmu_on = true;
}

static void fp_set(bool on)
{
	if (is_plain_el2()) {
		uint64_t was = read_sysreg("cptr_el2");

		write_sysreg("cptr_el2", on ? was & ~CPTR_TFP : cpu.fp);
		if (on)
			cpu.fp = was;
	} else {
		uint64_t was = read_sysreg("cpacr_el1");

		write_sysreg("cpacr_el1", on ? was | CPACR_FPEN : cpu.fp);
		if (on)
			cpu.fp = was;
	}
	cpu.fp_on = on;
}

/*
 * A panic may interrupt a program in streaming mode (DDI 0487, B1.4.6), in which SHA-256's
 * instructions are none, and no kernel up to 6.1 leaves it on its way here.
 */
static void leave_streaming_mode(void)
{
	if (!field(read_sysreg("id_aa64pfr1_el1"), 24))
		return;
	if (is_plain_el2()) {
		uint64_t was = read_sysreg("cptr_el2");

		write_sysreg("cptr_el2", was & ~CPTR_TSM);
		__asm__ volatile(SMSTOP);
		write_sysreg("cptr_el2", was);
	} else {
		uint64_t was = read_sysreg("cpacr_el1");

		write_sysreg("cpacr_el1", was | CPACR_SMEN);
		__asm__ volatile(SMSTOP);
		write_sysreg("cpacr_el1", was);
	}
}

sha256_blocks_fn *cpu_sha256_begin(const char **name)
{
	bool vectors = field(read_sysreg("id_aa64pfr0_el1"), 20) != 15;

	leave_streaming_mode();
	caches_on(&baton_handoff);
	*name = "generic";
	if (!vectors || !field(read_sysreg("id_aa64isar0_el1"), 12))
		return sha256_blocks_generic;
	fp_set(true);
	*name = "armv8-ce";
	return sha256_blocks_ce;
}

void cpu_sha256_end(void)
{
	if (cpu.fp_on)
		fp_set(false);
	if (!cpu.mmu_on)
		return;
	cpu.mmu_on = false;
	cpu_mmu_off(cpu.written.start, cpu.written.end);
}

/* VBAR, set by entry.S. */
void cpu_traps(bool on)
{
	(void)on;
}

/*
 * As the kernel's own loader looks at it (arch/arm64/kernel/kexec_image.c): a CPU without the
 * kernel's pages would stop in its first instructions, and say nothing.
 */
const char *cpu_cannot_enter(const struct handoff *h)
{
	uint64_t mmfr0 = read_sysreg("id_aa64mmfr0_el1"), want = h->args[ARM64_ARG_KERNEL];
	unsigned have;

	switch (want & ~(uint64_t)ARM64_BIG) {
	case 4096:
		have = field(mmfr0, 28) != 15;
		break;
	case 16384:
		have = field(mmfr0, 20) != 0;
		break;
	case 65536:
		have = field(mmfr0, 24) != 15;
		break;
	default:
		have = 1;
	}
	if (!have)
		return "this CPU lacks the kernel's page size";
	if (want & ARM64_BIG && !field(mmfr0, 8))
		return "this CPU cannot run a big-endian kernel";
	return NULL;
}

void cpu_enter(void)
{
	cpu_jump(baton_handoff.entry, baton_handoff.args[ARM64_ARG_DTB]);
}

/*
 * PSCI 1.1 (DEN 0022), 5.10: SYSTEM_RESET. Without a device tree nobody says which instruction
 * reaches the firmware; the wrong one ends in purgatory_exception, which comes back here.
 */
void cpu_reset(void)
{
	uint64_t how = baton_handoff.args[ARM64_ARG_PSCI];
	bool guess = how != PSCI_HVC && how != PSCI_SMC && how != PSCI_NONE;
	bool smc_first = is_el2();

	while (how != PSCI_NONE && cpu.resets < (guess ? 2 : 1)) {
		bool second = cpu.resets++ > 0;

		if (guess ? smc_first != second : how == PSCI_SMC)
			cpu_smc(PSCI_SYSTEM_RESET);
		else
			cpu_hvc(PSCI_SYSTEM_RESET);
	}
	purgatory_no_reset();
}

void cpu_halt(void)
{
	for (;;)
		__asm__ volatile("wfi");
}
