/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver: facts + request -> image -> protocol -> placement -> purgatory -> digests -> plan. Pure: reads nothing but its
 * arguments, touches no kernel.
 */
#pragma once
#include "arch/arch.h"

enum load_syscall { LOAD_AUTO, LOAD_LOAD, LOAD_FILE };

struct load_request {
	bool crash;
	const struct arch *arch;
	const char *image_path;  /* for messages and the plan */
	struct span image;
	struct span initrd;      /* all initrds, joined by the caller (session); empty = none */
	const char *append;      /* the user's text, joined; NULL = none */
	bool reuse_cmdline;
	bool has_load_address;
	uint64_t load_address;
	struct range_list avoid; /* half-open */
	struct range window;     /* --mem-min/--mem-max, half-open; {0, UINT64_MAX} = all */
	enum plan_syscall syscall; /* already decided by session (auto needs the running kernel's policy) */
	enum boot_entry entry;
	bool no_checks;          /* kexec -i: no digests */
	struct span purgatory;   /* another object instead of ours; empty = ours */
	const char *purgatory_path;
	const char *purgatory_console; /* auto | none | ttySN | 0xPORT[,BAUD]; NULL = auto */
	enum handoff_mismatch on_mismatch;
	uint8_t rng_seed[32];    /* fresh randomness for the next kernel; the caller's, so that planning stays pure */
	bool has_rng_seed;
};

/*
 * @out borrows the request's image and initrd bytes and lives no longer than they do. On failure @out holds nothing.
 * -ENOEXEC no kernel image · -EBADMSG damaged · -ENOSPC no place · -EINVAL contradiction · -ENOTSUP · -EADDRNOTAVAIL
 * --crash without a crash region.
 */
int load_plan(const struct machine *m, const struct load_request *req, struct plan *out, struct err *err);

/* The crashkernel= value ("256M") that would hold this load, computed from its pieces; used when there is no region. */
int load_crash_size(const struct machine *m, const struct load_request *req, uint64_t *bytes, struct err *err);
