/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One small kernel of each CPU, for tests: nothing in them can run. Never part of the library. */
#pragma once
#include <stdlib.h>
#include <string.h>

#include "../tests/images/bzimage_make.h"
#include "../tests/images/s390_make.h"
#include "elf/format.h"
#include "image/linux_image.h"
#include "image/vmlinux.h"
#include "image/zimage.h"

/* Of all of them: bytes of the file, and in memory (x86: of its own, s390x: unknown). */
enum { FILE_LEN = 0x13000, UNPACKED = 8 << 20 };

static inline void make_x86_64(uint8_t *p)
{
	const struct bzimage_make make = BZIMAGE_MAKE;
	struct span made = bzimage_make(&make);

	memcpy(p, made.ptr, made.len);
	free((void *)(uintptr_t)made.ptr);
}

static inline void make_i386(uint8_t *p)
{
	make_x86_64(p);
	put_le(p + 0x236, 0, 2); /* xloadflags: no 64-bit entry */
}

/* As Linux 6.1: a table of six words. */
static inline void make_arm(uint8_t *p)
{
	const uint32_t table[] = {6, ZI_TAG_SIZES, FILE_LEN - 4, 0x5e4d4, 0x208000, 0x10000, 0};

	put_le(p + ZI_MAGIC, ZI_MAGIC_WORD, 4);
	put_le(p + ZI_END, FILE_LEN, 4);
	put_le(p + ZI_ENDIAN, 0x04030201, 4);
	put_le(p + ZI_MAGIC2, ZI_MAGIC2_WORD, 4);
	put_le(p + ZI_TABLE, 0x80, 4);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		put_le(p + 0x80 + 4 * i, table[i], 4);
	put_le(p + FILE_LEN - 4, UNPACKED, 4);
}

static inline void make_arm64(uint8_t *p)
{
	put_le(p + LI_IMAGE_SIZE, UNPACKED, 8);
	put_le(p + LI_FLAGS, 0xa, 8);
	memcpy(p + LI_MAGIC2, "ARM\x64", 4);
}

static inline void make_riscv64(uint8_t *p)
{
	put_le(p + LI_IMAGE_SIZE, UNPACKED, 8);
	memcpy(p + LI_MAGIC, "RISCV\0\0", 8);
	memcpy(p + LI_MAGIC2, "RSC\x05", 4);
	strcpy((char *)p + 0x1000, "Linux version 6.12.43 (gcc)");
}

static inline void make_s390x(uint8_t *p)
{
	uint8_t *made = s390_make();

	memcpy(p, made, S390_MAKE_SIZE);
	free(made);
}

/* A relocatable kernel linked for physical 0. */
static inline void make_vmlinux(uint8_t *p, bool big)
{
	void (*put)(uint8_t *, uint64_t, unsigned) = big ? put_be : put_le;
	const uint64_t virt = 0xc000000000000000, bytes = 0x8000;

	memcpy(p, "\177ELF\2\0\1", 7);
	p[EI_DATA] = big ? ELFDATA2MSB : ELFDATA2LSB;
	put(p + 0x10, ET_EXEC, 2);
	put(p + 0x12, EM_PPC64, 2);
	put(p + 0x14, 1, 4);
	put(p + 0x18, virt, 8); /* e_entry */
	put(p + 0x20, 64, 8);   /* e_phoff */
	put(p + 0x30, big ? 1 : 2, 4);
	put(p + 0x36, 56, 2);
	put(p + 0x38, 1, 2);
	put(p + 64, PT_LOAD, 4);
	put(p + 64 + 8, 0x1000, 8);
	put(p + 64 + 16, virt, 8);
	put(p + 64 + 32, bytes, 8);
	put(p + 64 + 40, UNPACKED, 8);
	strcpy((char *)p + 0x1200, "Linux version 6.1.0-50-powerpc64 (a@b) #1");
	put(p + 0x1000 + VMLINUX_PPC64_RUN_AT_LOAD, 0x72756e30, 4);
}

static inline void make_ppc64le(uint8_t *p)
{
	make_vmlinux(p, false);
}

static inline void make_ppc64(uint8_t *p)
{
	make_vmlinux(p, true);
}
