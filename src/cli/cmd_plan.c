/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/loading.h"
#include "cli/load_opts.h"

static int run(struct cli *c);

const struct command cmd_plan = {
	.name = "plan",
	.operands = "IMAGE",
	.summary = "say what a load would put where, and why",
	.text = "Makes and checks the plan of a load, and shows it. Loads nothing.\n"
		"With --sysroot it needs no privilege: the machine is the one in the snapshot.",
	.run = run,
};

static int show(const struct cli *c, struct load_opts *l)
{
	struct job_options o;
	struct job j;
	struct err err = ERR_INIT;

	if (load_opts_job(l, &o, &err) < 0)
		return cli_usage(c, &err);
	o.shown_only = true;
	int code = loading_plan(c, &o, &j);
	if (!code) {
		loading_notes(c, &j, true);
		code = loading_show(c, &j, true, l->explain, l->svg);
	}
	job_done(&j);
	return code;
}

static int run(struct cli *c)
{
	return load_opts_run(c, &cmd_plan, show);
}
