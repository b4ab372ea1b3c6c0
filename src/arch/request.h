/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a user asks of one load. Filled by session/, read by load/ and by the CPUs' boot protocols.
 */
#pragma once
#include <stdbool.h>
#include "base/span.h"
#include "image/image.h"
#include "machine/ranges.h"
#include "plan/plan.h"
#include "purgatory/handoff.h"

struct arch;

/* The last is of no option: such a kernel has no other. */
enum boot_entry { ENTRY_AUTO, ENTRY_64, ENTRY_32, ENTRY_16, ENTRY_PVH, ENTRY_MULTIBOOT };

/* What a multiboot kernel is given beside itself. */
struct load_module {
	struct span data;
	const char *line; /* "FILE ARGS": as the kernel reads it */
};

struct load_request {
	bool crash;
	const struct arch *arch;
	const char *image_path; /* for messages and the plan */
	struct span image;
	struct image_choice choice; /* of the kernels in it */
	struct span initrd;         /* all initrds, joined by the caller (session); empty = none */
	const struct load_module *modules;
	size_t nmodules;
	struct span dtb; /* the user's device tree, aligned to 8 bytes; empty = the machine's */
	const char *dtb_path;
	const char *append;   /* the user's text, joined; NULL = none */
	struct span own_line; /* in the container of the kernel; set by load/ */
	bool reuse_cmdline;
	bool has_load_address;
	uint64_t load_address;
	struct range_list avoid; /* half-open */
	struct range window;     /* --mem-min/--mem-max, half-open; {0, UINT64_MAX} = all */
	enum plan_syscall
		syscall; /* already decided by session (auto needs the running kernel's policy) */
	enum boot_entry entry;
	bool no_checks;        /* kexec -i: no digests */
	bool no_digests;       /* the plan is only shown: what it holds is not hashed */
	struct span purgatory; /* another object instead of ours; empty = ours */
	const char *purgatory_path;
	const char *purgatory_console; /* auto | none | ttySN | 0xPORT[,BAUD]; NULL = auto */
	enum handoff_mismatch on_mismatch;
	uint8_t rng_seed[32]; /* fresh randomness for the next kernel; the caller's, so that
				 planning stays pure */
	bool has_rng_seed;
	/* Called now and then while bytes are hashed; may be NULL. */
	void (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *progress_ctx;
};
