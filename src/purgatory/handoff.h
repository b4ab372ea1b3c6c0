/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the loader tells the purgatory: one struct, found by the symbol "baton_handoff", written
 * into the linked image before it is loaded. All integers in the CPU's own byte order; the layout
 * is the same on every CPU. Freestanding.
 */
#pragma once
#include <stdint.h>

#define HANDOFF_MAGIC   0x4e4f5442u /* "BTON" */
#define HANDOFF_VERSION 1u
#define HANDOFF_REGIONS 16u

enum handoff_mismatch { HANDOFF_RESET, HANDOFF_HALT };

enum handoff_console {
	HANDOFF_CONSOLE_NONE,
	HANDOFF_CONSOLE_8250_PORT, /* console_addr: I/O port */
	HANDOFF_CONSOLE_8250_MMIO, /* console_addr: physical address; console_stride */
	HANDOFF_CONSOLE_PL011,
	HANDOFF_CONSOLE_SBI,  /* riscv64: the supervisor binary interface */
	HANDOFF_CONSOLE_PAPR, /* ppc64 under a hypervisor; console_addr: number of the vterm */
	HANDOFF_CONSOLE_OPAL, /* ppc64 on OPAL firmware; console_addr: number of the terminal */
	HANDOFF_CONSOLE_SCLP, /* s390x */
};

/* One digest per region. @name is the segment kind, NUL-terminated ("initrd"). */
struct handoff_region {
	uint64_t start, len;
	uint8_t digest[32];
	char name[16];
};

struct handoff {
	uint32_t magic, version, size; /* size = sizeof(struct handoff) */
	uint32_t on_mismatch;          /* enum handoff_mismatch */
	uint32_t console;              /* enum handoff_console */
	uint32_t console_stride;
	uint32_t console_baud; /* 0 = leave the line as it is */
	uint32_t nregions;
	uint64_t console_addr;
	uint64_t backup_src, backup_dst,
		backup_len; /* copied after the check, before the jump; len 0 = none */
	uint64_t entry;     /* of the next kernel, physical */
	uint64_t args[6];   /* the CPU's own meaning: src/arch/<cpu>/handoff.h */
	struct handoff_region regions[HANDOFF_REGIONS];
	uint8_t digest[32]; /* SHA-256 over all bytes before this field */
};

_Static_assert(sizeof(struct handoff_region) == 64, "handoff_region is wire layout");
_Static_assert(sizeof(struct handoff) == 32 + 40 + 48 + 16 * 64 + 32, "handoff is wire layout");
