/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of the kexec name. */
#pragma once
#include "cli/cli.h"
#include "session/job.h"

#define KEXEC_OPTS 80

struct kexec_opts {
	const char *root; /* only with a pretended kernel */
	bool help, version, debug;
	bool load, panic, unload, exec, force, status, print_size;
	bool no_ifdown, no_sync, no_checks;
	bool file_call, load_call, either_call; /* -s -c -a */
	bool reuse_cmdline, entry32, entry16, no_cma, force_dtb;
	const char *type, *serial, *dtb;
	struct number baud, mem_min, mem_max;
	struct words initrds, modules, append, operands;
	struct words ignored;     /* taken, without effect on this CPU or in this program */
	struct words unsupported; /* they would change what is loaded: refused when something is
				     loaded */
	struct buf joined;
	char console[64];
};

size_t kexec_opts_table(struct kexec_opts *k, struct opt *o);
void kexec_opts_done(struct kexec_opts *k);

/* What was asked, as a job; borrows @k. 0 | -EINVAL | -ENOTSUP: an option that we cannot honour |
 * -ENOMEM. */
int kexec_job(struct kexec_opts *k, struct job_options *out, struct err *err);
