/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One load in the making: what a boot protocol sees and fills. load/load.c drives it in this order:
 *   layout()  the protocol adds its pieces with their constraints (sizes known, addresses not);
 *   placing   plan/space.c gives every piece its address;
 *   fill()    the protocol writes what depends on addresses, and the handoff's entry and arguments;
 *   then load/ links the purgatory, computes the digests and makes the plan.
 */
#pragma once
#include "core/buf.h"
#include "arch/request.h"
#include "image/image.h"
#include "machine/machine.h"
#include "plan/plan.h"
#include "plan/space.h"
#include "purgatory/handoff.h"

#define BOOT_PIECES 15 /* the 16th segment of kexec_load is the purgatory */

struct boot_piece {
	enum segment_kind kind;
	struct place place;   /* size is the memsz wanted; at is its address after placing */
	struct span borrowed; /* content from the caller's files; or */
	struct buf data;      /* content that the protocol makes in fill() */
	uint64_t hashed;      /* bytes that the digest covers; set in fill() or layout() */
	/*
	 * Bytes at the start of the place that are only kept free: the next kernel unpacks there.
	 * In place.size when it is placed; afterwards place is the segment behind them.
	 */
	uint64_t lead;
};

struct boot {
	const struct machine *m;
	const struct image *image;
	const struct load_request *req;
	bool crash;
	struct span initrd; /* all initrds joined (4-byte aligned, zero padded); empty = none */
	struct range_list avoid; /* normal: --avoid and the poisoned pages */
	struct range_list
		usable; /* where pieces may lie: RAM (or the crash region) less what is avoided */
	struct boot_piece pieces[BOOT_PIECES];
	size_t npieces;
	struct handoff handoff;
	struct place purgatory; /* size and align are known before layout(), which bounds it */
	struct plan *plan;      /* cmdline, warnings */
};

/* A new piece, zeroed but for kind and what; NULL when all BOOT_PIECES are taken. */
struct boot_piece *boot_add(struct boot *b, enum segment_kind kind, const char *what);
int boot_no_piece(struct err *err); /* says so */
/* The same, of whole pages that hold @size bytes, and all of it hashed: what fill() makes. */
struct boot_piece *boot_add_pages(struct boot *b, enum segment_kind kind, const char *what,
				  uint64_t size);
/* The initrd's piece; *@out is NULL where there is none. 0 or boot_no_piece(). */
int boot_add_initrd(struct boot *b, struct boot_piece **out, struct err *err);
/* Where the CPU wants its purgatory. */
void boot_bind_purgatory(struct boot *b, struct range within, const char *why, enum place_dir dir);
struct boot_piece *boot_find(const struct boot *b, enum segment_kind kind);

/* Add one of our own parameters before the first standalone "--" and list it in the plan's
 * added_cmdline. */
int boot_add_param(struct boot *b, const char *word, struct err *err);

/* What is avoided, in whole pages: no piece has a part of one. @out is empty on entry. 0 | -ENOMEM.
 */
int boot_avoided_pages(const struct boot *b, struct range_list *out);

/* Most that Linux puts before a line as "elfcorehdr=0x%lx ", where it does that itself. */
#define BOOT_ELFCOREHDR_LEN 30

/* -EINVAL when the command line is longer than @limit bytes (without its NUL). */
int boot_check_line(const struct boot *b, uint64_t limit, struct err *err);

/* True when @release ("6.12.43-amd64") tells that it is of @major.@minor or later. */
bool boot_release_from(const char *release, unsigned major, unsigned minor);
