/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan: what a load *is*, before any kernel is touched. Made by load/, rendered here (text with a
 * memory map, JSON, SVG), carried out by host/. Knows no CPU.
 */
#pragma once
#include <stdbool.h>
#include "core/buf.h"
#include "core/err.h"
#include "core/texts.h"
#include "machine/machine.h"

/* Names in JSON: interface.md §3 (segment_kind_name). */
enum segment_kind {
	SEG_KERNEL,
	SEG_INITRD,
	SEG_BOOT_PARAMS,
	SEG_PURGATORY,
	SEG_ELFCOREHDR,
	SEG_BACKUP,
	SEG_SETUP_DATA,
	SEG_DTB,
	SEG_ATAGS,
	SEG_MODULE,
	SEG_MULTIBOOT_INFO,
	SEG_OTHER,
};

enum plan_syscall { PLAN_LOAD, PLAN_FILE };
enum verified_by { VERIFIED_NONE, VERIFIED_BATON, VERIFIED_KERNEL };

struct plan_segment {
	enum segment_kind kind;
	uint64_t mem, memsz; /* where; both multiples of the page size. Unused under PLAN_FILE */
	/* bufsz = data.len <= memsz; borrowed from @owned of the plan or from the caller's files */
	struct span data;
	uint64_t hashed;     /* bytes from mem on that a digest of the purgatory covers; 0 = none */
	char reason[192];
};

struct plan {
	char arch[16];
	bool crash;
	enum plan_syscall syscall;
	enum verified_by verified_by;
	char image_file[256], image_format[24], image_version[128];
	uint64_t kexec_arch;          /* KEXEC_ARCH_* << 16, for the flags of kexec_load */
	uint64_t kexec_flags;         /* further flags of kexec_load */
	uint64_t entry, kernel_entry; /* purgatory, next kernel; 0 under PLAN_FILE */
	struct buf cmdline;           /* what the next kernel will see */
	struct texts added_cmdline;   /* our own parameters in it */
	VEC(struct plan_segment) segments; /* PLAN_LOAD: ascending by mem */
	struct texts warnings;
	VEC(struct buf) owned;        /* bytes that segments point into */
	struct buf explain;           /* lines: what was rejected and why */
	struct mem_map memory;        /* the machine's map, for drawing */
	struct range_list crash_regions;
};

#define PLAN_INIT {.entry = 0}

void plan_done(struct plan *p);
int plan_warn(struct plan *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * Give @b to the plan; *@out points at its bytes from then on. @b is empty afterwards, also on
 * failure.
 */
int plan_own(struct plan *p, struct buf *b, struct span *out);
const char *segment_kind_name(enum segment_kind k);

/* What the kernel itself checks (interface.md §6). */
struct plan_limits {
	uint64_t page_size;
	uint64_t mem_total;    /* 0 = unknown: the half-of-memory rule is not checked */
	uint64_t dest_limit;   /* the CPU's destination limit: last usable byte */
	unsigned max_segments; /* 16 */
};

/*
 * All rules of interface.md §6 at once. @ram: where segments may lie (crash: the crash region); a
 * normal list. 0 | -EINVAL with the rule and the segments that break it.
 */
int plan_validate(const struct plan *p, const struct plan_limits *lim, const struct range_list *ram,
		  struct err *err);

/* The renderings append to @out, all or nothing: 0 or -ENOMEM. */

/* For a person, with the memory drawn; with @explain also why and what was rejected. ASCII. */
int plan_text(const struct plan *p, bool explain, struct buf *out);
/* interface.md §3: one object and a newline. */
int plan_json(const struct plan *p, struct buf *out);
/* One standalone SVG document. */
int plan_svg(const struct plan *p, struct buf *out);
