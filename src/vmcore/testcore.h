/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small dumps for tests and fuzz targets, written field by field: one range of memory, its notes,
 * and a kernel log laid into that memory as the kernel lays it. Never part of the library.
 */
#pragma once
#include "core/buf.h"
#include "elf/reader.h"

enum {
	CORE_PA = 0x100000, /* where the memory begins */
	CORE_MEM = 0x10000,
	/* Where the pieces of a log lie in it. */
	CORE_PTR = 0x0,
	CORE_RB = 0x100,
	CORE_DESCS = 0x1000,
	CORE_INFOS = 0x2800,
	CORE_TEXT = 0x8000,
	CORE_INFO_SIZE = 88,
};

struct testcore {
	bool elf32, big;
	uint16_t machine;
	uint32_t flags;
	unsigned cpus;
	bool wide;  /* with @elf32: the headers are 64-bit ones all the same */
	bool no_va; /* the program header names no virtual address */
	uint8_t mem[CORE_MEM];
	struct buf info; /* vmcoreinfo */
	/* The ring being written. */
	unsigned count_bits, size_bits;
	uint64_t first_id, records, lpos;
};

struct testmsg {
	const char *text;
	size_t len; /* 0: strlen */
	uint64_t ts_nsec;
	uint8_t level, facility;
	uint32_t caller;
};

/* An empty dump of x86_64 (or, with @elf32 or @big, of another CPU) with one CPU; core_done
 * releases. */
struct testcore *core_new(bool elf32, bool big);
void core_done(struct testcore *c);

uint64_t core_va(const struct testcore *c, uint64_t off); /* virtual address of an offset in mem */
unsigned core_word(const struct testcore *c);
void core_put(struct testcore *c, uint64_t off, uint64_t v, unsigned bytes);
uint64_t core_get(const struct testcore *c, uint64_t off, unsigned bytes);
void core_key(struct testcore *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The lockless ring: all its keys, its head, and records as prb_reserve and prb_final_commit leave
 * them. */
void core_prb(struct testcore *c, unsigned count_bits, unsigned size_bits, uint64_t first_id);
void core_prb_add(struct testcore *c, struct testmsg m);
/* Offsets in mem of the descriptor and of the info of the @n-th record. */
uint64_t core_desc(const struct testcore *c, uint64_t n);
uint64_t core_printk_info(const struct testcore *c, uint64_t n);

/* The record log of 3.5 to 5.9; @at is where in its buffer the record goes, the return value where
 * it ends. */
void core_log(struct testcore *c, const char *name, uint32_t size);
uint32_t core_log_add(struct testcore *c, uint32_t at, struct testmsg m, uint8_t flags);
void core_log_bounds(struct testcore *c, uint32_t first, uint32_t next);

/* The whole file: ELF header, PT_NOTE, PT_LOAD. */
struct buf core_file(const struct testcore *c);

/* A span as the bytes of a large file. */
int core_read_at(void *ctx, uint64_t off, void *buf, size_t len);
