/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A load as a user asks for it, and what becomes of it: files and facts read, the call chosen, the
 * plan made and checked. */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "host/facts.h"
#include "host/policy.h"
#include "load/load.h"
#include "session/choose.h"

/* All borrowed from the caller. */
struct job_options {
	const char *root; /* where /proc and /sys are read below; "/" = the running machine */
	const char *arch; /* NULL = that of the facts */
	const char *image;
	const char *const *initrds;
	size_t ninitrds;
	const char *vendor_boot;    /* file that goes with an Android boot image; NULL = none */
	const char *const *modules; /* "FILE ARGS" each */
	size_t nmodules;
	const char *dtb;       /* file; NULL = the machine's own tree */
	bool shown_only;       /* nobody loads the plan: initrds are not read, nothing is hashed */
	bool dtb_if_any;       /* a CPU without device trees ignores @dtb, instead of refusing */
	const char *append;    /* joined; NULL = none */
	const char *purgatory; /* file; NULL = ours */
	enum choose_want want;
	const char *needs_load,
		*needs_file;         /* options that only one call honours: struct choose_facts */
	unsigned long file_flags;    /* HOST_KEXEC_FILE_* beyond those that follow from the rest */
	struct load_request request; /* crash, reuse_cmdline, addresses, window, console …; the rest
					is filled by job_plan */
};

/* Zero-initialised by job_plan; job_done releases whatever is there. */
struct job {
	struct machine machine;
	struct host_policy policy;
	const struct arch *arch;
	struct buf image, vendor_boot, initrd, dtb, purgatory;
	int image_fd, vendor_boot_fd, initrd_fd, dtb_fd, purgatory_fd;
	unsigned wrapped_initrds; /* that were uImages */
	VEC(struct buf) module_files;
	VEC(struct load_module) modules;
	struct load_request request;
	struct choice choice;
	unsigned long file_flags;
	struct plan plan;
	bool has_second; /* choice.may_fall_back, and a plan for the other call could be made too */
	struct plan second;
	/* What this load would need, where there is no region or too small a one; else zeros. */
	struct crash_room crash_room;
};

/* Facts, files, choice, plan. 0 or a negative errno; @j must be released in either case. */
int job_plan(const struct job_options *o, struct job *j, struct err *err);
void job_done(struct job *j);
