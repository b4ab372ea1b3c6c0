/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The purgatory's calls to firmware (entry.S). Freestanding. */
#pragma once
#include <stdint.h>

/* PAPR 14.5 "hypervisor calls": H_SUCCESS 0, H_BUSY 1, errors below 0. */
int64_t ppc64_hcall(uint64_t code, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

/* Linux arch/powerpc/include/asm/opal-api.h. */
int64_t ppc64_opal(uint64_t token, uint64_t a, uint64_t b, uint64_t c, uint64_t base,
		   uint64_t entry);

/* @args and @base below 4 GiB. Does not return. */
_Noreturn void ppc64_rtas(uint64_t args, uint64_t base, uint64_t entry);

_Noreturn void ppc64_enter(uint64_t dtb, uint64_t entry, uint64_t opal_base, uint64_t opal_entry);

enum {
	OPAL_SUCCESS = 0,
	OPAL_BUSY = -2,
	OPAL_BUSY_EVENT = -12,
	OPAL_CONSOLE_WRITE = 1,
	OPAL_CEC_REBOOT = 6,
	OPAL_POLL_EVENTS = 10,
	OPAL_CONSOLE_FLUSH = 117,
};

/* Store as firmware and device trees want it: big-endian. */
static inline void put_be32(void *at, uint32_t v)
{
	uint8_t *p = at;

	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}
