/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the purgatory does to an s390x CPU besides entering and leaving. */
#include <stdbool.h>
#include <stddef.h>

#include "arch/s390x/handoff.h"
#include "arch/s390x/kimd.h"
#include "arch/s390x/sclp.h"
#include "base/mem.h"
#include "purgatory/purgatory.h"
#include "purgatory/verify.h"

struct psw {
	uint64_t mask, addr;
};

/* entry.S */
_Noreturn void cpu_load_psw(const struct psw *psw);
bool cpu_service_call(uint32_t command, void *sccb);
typedef void copy_fn(uint64_t to, uint64_t len, uint64_t from, uint64_t from_len);
copy_fn s390_copy;
/* As s390_copy, and then into @next. */
typedef void hop_fn(uint64_t to, uint64_t len, uint64_t from, uint64_t from_len,
		    const struct psw *next);
/* Halfwords, as instructions are: gcc would reach bytes, which may be odd, by a GOT. */
extern const uint16_t s390_hop[], s390_hop_end[];
void s390_ipl_again(void);
extern const uint16_t s390_exception[];
int cpu_check(void);
_Noreturn void cpu_enter(void);

#define PAGE     4096u
#define GIB2     (UINT64_C(1) << 31)
#define PSW_64   UINT64_C(0x0000000180000000) /* 64-bit addressing, DAT and interruptions off */
#define PSW_WAIT UINT64_C(0x0002000000000000)

/* entry.S knows it by number. */
_Static_assert(offsetof(struct handoff, args) + 8 * S390_ARG_CRASH_SIZE == 80,
	       "HANDOFF_CRASH_SIZE");

/* The assigned storage locations, absolute 0, that interruptions write and read. */
enum { LOWCORE = 512, LC_PROGRAM_NEW_PSW = 0x1d0 };
#define CR0_SERVICE_SIGNAL UINT64_C(0x200)

/* What is on its way from one place to another. */
enum { SCRATCH = 1024 };
_Static_assert(SCCB_SIZE <= SCRATCH, "an SCCB goes through it");
static uint8_t scratch[SCRATCH];

/* An address that the compiler knows nothing about: 0 is memory like any other. */
static void *at(uint64_t addr)
{
	void *p = (void *)(uintptr_t)addr;

	__asm__("" : "+r"(p));
	return p;
}

/*
 * In a crash the memory at 0 is still the old kernel's: what an interruption writes there is put
 * back. The SCLP reaches only the lowest 2 GiB; a purgatory that lies higher borrows room there.
 */
bool sclp_call(uint32_t command, uint8_t *sccb)
{
	static uint8_t lowcore[LOWCORE];
	const uint64_t open = CR0_SERVICE_SIGNAL;
	bool high = (uintptr_t)sccb >= GIB2;
	uint8_t *reachable = high ? at(2 * PAGE) : sccb;
	uint64_t cr0;

	if (high) {
		memcpy(scratch, reachable, SCCB_SIZE);
		memcpy(reachable, sccb, SCCB_SIZE);
	}
	memcpy(lowcore, at(0), LOWCORE);
	__asm__ volatile("stctg %%c0, %%c0, %0" : "=Q"(cr0));
	__asm__ volatile("lctlg %%c0, %%c0, %0" : : "Q"(open) : "memory");
	bool done = cpu_service_call(command, reachable);
	__asm__ volatile("lctlg %%c0, %%c0, %0" : : "Q"(cr0) : "memory");
	memcpy(at(0), lowcore, LOWCORE);
	if (high) {
		memcpy(sccb, reachable, SCCB_SIZE);
		memcpy(reachable, scratch, SCCB_SIZE);
	}
	return done;
}

/* In a crash the PSW is a part of the dump. */
void cpu_traps(bool on)
{
	static struct psw before;
	const struct psw trap = {PSW_64, (uintptr_t)s390_exception};

	if (on)
		memcpy(&before, at(LC_PROGRAM_NEW_PSW), sizeof(before));
	memcpy(at(LC_PROGRAM_NEW_PSW), on ? &trap : &before, sizeof(trap));
}

sha256_blocks_fn *cpu_sha256_begin(const char **name)
{
	bool kimd = kimd_here();

	*name = kimd ? "cpacf" : "generic";
	return kimd ? sha256_blocks_kimd : sha256_blocks_generic;
}

void cpu_sha256_end(void)
{
}

/* The old kernel asks, and lives on: nothing but our own memory is touched, nothing is said. */
int cpu_check(void)
{
	const char *name;
	unsigned region;
	enum verdict v = verify_handoff(&baton_handoff, cpu_sha256_begin(&name), &region);

	return v != VERDICT_OK && v != VERDICT_UNCHECKED;
}

const char *cpu_cannot_enter(const struct handoff *h)
{
	const uint64_t *a = h->args;
	uint64_t base = a[S390_ARG_CRASH_BASE], size = a[S390_ARG_CRASH_SIZE];

	if (!size)
		return NULL;
	if (base < size || size < 2 * PAGE || a[S390_ARG_CRASH_USED] > size - PAGE ||
	    a[S390_ARG_OWN_START] < base || a[S390_ARG_OWN_END] < a[S390_ARG_OWN_START] ||
	    a[S390_ARG_OWN_END] - base > a[S390_ARG_CRASH_USED])
		return "the crash region cannot change places with low memory";
	return NULL;
}

static void exchange(uint64_t low, uint64_t high, uint64_t len)
{
	while (len) {
		uint64_t n = len < SCRATCH ? len : SCRATCH;

		s390_copy((uintptr_t)scratch, n, low, n);
		s390_copy(low, n, high, n);
		s390_copy(high, n, (uintptr_t)scratch, n);
		low += n;
		high += n;
		len -= n;
	}
}

/*
 * Everything changes places but the purgatory itself, which runs on where it is. Then the last page
 * of low memory is free: nothing was loaded there, and its content has been saved. What puts the
 * last piece of old memory over the purgatory and enters the kernel runs from that page.
 */
static _Noreturn void swap_and_enter(const struct handoff *h, struct psw next)
{
	uint64_t base = h->args[S390_ARG_CRASH_BASE], size = h->args[S390_ARG_CRASH_SIZE];
	uint64_t used = h->args[S390_ARG_CRASH_USED];
	uint64_t own = h->args[S390_ARG_OWN_START] - base;
	uint64_t own_len = h->args[S390_ARG_OWN_END] - base - own;
	uint8_t *spare = at(size - PAGE);
	struct psw *psw = (struct psw *)(void *)(spare + PAGE / 2);
	hop_fn *hop = (hop_fn *)(uintptr_t)spare;

	exchange(0, base, own);
	exchange(own + own_len, base + own + own_len, used - own - own_len);
	s390_copy(base + used, size - used, used, size - used);
	memcpy(spare, s390_hop, 2 * (size_t)(s390_hop_end - s390_hop));
	*psw = next;
	hop(base + own, own_len, own, own_len, psw);
	__builtin_unreachable();
}

/* Called by entry.S when purgatory_main is content. */
void cpu_enter(void)
{
	const struct handoff *h = &baton_handoff;
	struct psw next = {PSW_64, h->entry - h->args[S390_ARG_CRASH_BASE]};

	sclp_close();
	if (h->args[S390_ARG_CRASH_SIZE])
		swap_and_enter(h, next);
	cpu_load_psw(&next);
}

void cpu_halt(void)
{
	const struct psw wait = {PSW_64 | PSW_WAIT, 0};

	cpu_load_psw(&wait);
}

void cpu_reset(void)
{
	const struct psw wait = {PSW_64 | PSW_WAIT, 0};

	/* Where the hypervisor knows no diagnose 0x308, it is a program interruption. */
	memcpy(at(LC_PROGRAM_NEW_PSW), &wait, sizeof(wait));
	s390_ipl_again();
	purgatory_no_reset();
}
