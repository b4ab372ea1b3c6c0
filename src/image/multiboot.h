/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Multiboot 1 and 2: a kernel (Xen's hypervisor, for one) with a header somewhere near its front
 * that says how a boot loader shall start it. It is entered in 32-bit protected mode.
 * Format: docs/formats/multiboot.md; Multiboot Specification 0.6.96 and 2.0.
 */
#pragma once
#include "core/buf.h"
#include "image/image.h"

/* How near: the whole header lies there, at a multiple of its alignment. */
enum {
	MB1_SEARCH = 8192,
	MB1_ALIGN = 4,
	MB2_SEARCH = 32768,
	MB2_ALIGN = 8,
};

#define MB1_MAGIC 0x1badb002u
#define MB2_MAGIC 0xe85250d6u

/* Offsets in the header of version 1. The addresses count with MB1_HAS_ADDRESSES alone. */
enum { MB1_FLAGS = 4, MB1_CHECKSUM = 8, MB1_ADDRESSES = 12, MB1_SIZE = 12, MB1_LONG_SIZE = 32 };
/* Flags of version 1. Of the lower 16, one that is not known forbids the boot. */
#define MB1_ALIGN_MODULES (1u << 0)
#define MB1_WANTS_MEMORY  (1u << 1)
#define MB1_WANTS_VIDEO   (1u << 2)
#define MB1_REQUIRED      0xffffu
#define MB1_HAS_ADDRESSES (1u << 16)

/* Offsets in the header of version 2; tags { type, flags: 16 bits, size: 32 } follow at
 * multiples of 8 until one of type 0. */
enum { MB2_ARCH = 4, MB2_LENGTH = 8, MB2_CHECKSUM = 12, MB2_TAGS = 16 };

enum multiboot_tag {
	MB2_END,
	MB2_INFORMATION,
	MB2_ADDRESS,
	MB2_ENTRY,
	MB2_CONSOLE,
	MB2_FRAMEBUFFER,
	MB2_ALIGN_MODULES,
	MB2_EFI_BOOT_SERVICES,
	MB2_ENTRY_EFI32,
	MB2_ENTRY_EFI64,
	MB2_RELOCATABLE,
};

#define MB2_OPTIONAL 1u /* flag of a tag: who does not know it may go on */

/* Information that a kernel may demand: multiboot2's types 1 to 21. */
#define MB2_INFORMATION_MAX 32

enum { MULTIBOOT_LOADS_MAX = 16 };

struct multiboot_load {
	struct span data; /* borrows the file; shorter than @size: zeros follow */
	uint64_t phys, size;
};

struct multiboot {
	unsigned version;   /* 1 or 2 */
	uint64_t header;    /* offset in the file */
	uint32_t flags;     /* version 1 */
	bool by_addresses;  /* the header says what is loaded where; else ELF does */
	bool align_modules; /* to pages */
	uint32_t demands;   /* version 2: bits of information that must be given */
	uint64_t low, end;  /* memory of all loads, as linked */
	uint64_t entry;     /* physical; the state there is of the specification's chapter 3.2 */
	/* version 2, relocatable tag: all loads and the entry move by one delta */
	bool relocatable;
	uint32_t min, max, align, preference; /* @max: last byte; preference 0 none 1 low 2 high */
	unsigned nloads;
	struct multiboot_load loads[MULTIBOOT_LOADS_MAX]; /* by rising address, no overlap */
};

/*
 * 0 | -ENOEXEC: no header with a sound checksum (@err untouched) | -EBADMSG: one, but damaged |
 * -ENOTSUP: it demands what is not known, or is for another CPU. Version 2 is taken where a file
 * has both.
 */
int multiboot_read(struct span file, struct multiboot *out, struct err *err);

/*
 * Append what lies in memory from @m->low on: the bytes of all loads with zeros between them. The
 * zeros behind the last one are left out. 0 | -ENOMEM.
 */
int multiboot_memory(const struct multiboot *m, struct buf *out);

/* The facts as far as every image tells it. Memory is as linked; a relocatable one moves. */
int multiboot_parse(struct span file, struct image *out, struct err *err);
