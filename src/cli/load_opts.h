/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of `plan` and `load`, which are the same, and what they mean. */
#pragma once
#include "cli/cli.h"
#include "session/job.h"

struct load_opts {
	bool crash, reuse_cmdline, explain, dry_run;
	const char *arch, *sysroot, *svg, *purgatory, *console, *dtb;
	struct words initrds, modules, append, operands;
	struct number load_address, mem_min, mem_max, profile;
	const char *config, *vendor_boot;
	struct range_list avoid;
	int call, on_mismatch, entry;
	struct buf joined; /* all of append */
};

/* Reads them and calls @act. The exit status. */
int load_opts_run(struct cli *c, const struct command *cmd,
		  int (*act)(const struct cli *c, struct load_opts *l));

/* What was asked, as a job; borrows @l. 0 | -EINVAL: a contradiction | -ENOMEM. */
int load_opts_job(struct load_opts *l, struct job_options *out, struct err *err);
/* --mem-min A (first byte) and --mem-max A (last byte) as a half-open window. */
int load_opts_window(const struct number *min, const struct number *max, struct range *out,
		     struct err *err);
/* Of the options --config and --profile. */
struct image_choice load_opts_choice(const char *config, const struct number *profile);
/* The words of @w with blanks between, in @out; NULL where there are none. */
int load_opts_join(const struct words *w, struct buf *out, const char **text);
