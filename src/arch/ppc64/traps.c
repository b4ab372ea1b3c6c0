/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Catching exceptions. In real mode they go to fixed addresses in low memory, which belongs to the
 * old kernel: that of a crash is in the dump, and the first 256 bytes are where the other CPUs
 * wait. So what lies behind those is borrowed, and put back before the backup copy is made.
 *
 * The byte order in which an exception arrives is the hypervisor's or HID0's choice, as the old
 * kernel left it: a little-endian kernel makes it big-endian again in its last steps, but not in
 * all of them. Every vector works in both.
 */
#include "arch/ppc64/traps.h"

#include <stddef.h>

#include "base/mem.h"
#include "base/put.h"
#include "purgatory/purgatory.h"

/* entry.S */
extern const uint8_t ppc64_trap_big[], ppc64_trap_own[], ppc64_trap_end[];
void ppc64_exception(void);

enum { SLOT = 0x20, ALL = TRAPS_END - TRAPS, CACHE_LINE = 32 };
/* tdi 0,0,0x48 does nothing; in the other byte order it is a branch over the next word. */
#define EITHER_ORDER 0x08000048u

static uint8_t before[ALL];

/* An address that the compiler knows nothing about. */
static uint8_t *low(uint64_t addr)
{
	uint8_t *p = (uint8_t *)(uintptr_t)addr;

	__asm__("" : "+r"(p));
	return p;
}

/* bl */
static uint32_t call(uint64_t from, uint64_t to)
{
	return 0x48000001u | ((uint32_t)(to - from) & 0x03fffffc);
}

static void put_own(uint8_t *at, uint64_t v, unsigned bytes)
{
#ifdef __LITTLE_ENDIAN__
	put_le(at, v, bytes);
#else
	put_be(at, v, bytes);
#endif
}

/* Every 32 bytes, but for the room that the code takes behind the first. */
static void write_vectors(void)
{
	const uint64_t own = TRAP_CODE + (uint64_t)(ppc64_trap_own - ppc64_trap_big);

	for (uint64_t v = TRAPS; v < TRAPS_END; v += v == TRAPS ? TRAPS : SLOT) {
		put_be(low(v), EITHER_ORDER, 4);
		put_be(low(v + 4), call(v + 4, TRAP_CODE), 4);
		put_own(low(v + 8), call(v + 8, own), 4);
	}
	memcpy(low(TRAP_CODE), ppc64_trap_big, (size_t)(ppc64_trap_end - ppc64_trap_big));
	put_be(low(TRAP_BIG), (uintptr_t)ppc64_exception, 8);
	put_own(low(TRAP_OWN), (uintptr_t)ppc64_exception, 8);
}

/* What was written are instructions: book II, 4.3. */
static void sync_code(void)
{
	for (uint64_t a = TRAPS; a < TRAPS_END; a += CACHE_LINE)
		__asm__ volatile("dcbst 0, %0" : : "r"(a) : "memory");
	__asm__ volatile("sync" : : : "memory");
	for (uint64_t a = TRAPS; a < TRAPS_END; a += CACHE_LINE)
		__asm__ volatile("icbi 0, %0" : : "r"(a) : "memory");
	__asm__ volatile("sync\n\tisync" : : : "memory");
}

void cpu_traps(bool on)
{
	if (on) {
		memcpy(before, low(TRAPS), ALL);
		write_vectors();
	} else {
		memcpy(low(TRAPS), before, ALL);
	}
	sync_code();
}
