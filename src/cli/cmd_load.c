/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cli/loading.h"
#include "cli/load_opts.h"

static int run(struct cli *c);

const struct command cmd_load = {
	.name = "load",
	.operands = "IMAGE",
	.summary = "load the next kernel, or with --crash the one for after a panic",
	.text = "Plans, checks all that the kernel would check, then loads. The armed crash kernel "
		"is touched\n"
		"only after the new plan was found good.",
	.run = run,
};

static int commit(const struct cli *c, const struct job_options *o, const struct job *j)
{
	struct load_result res;
	struct err err = ERR_INIT;
	int r = session_load(c->sys, o->root, j, &res, &err);

	if (!r && res.fell_back)
		cli_note(c, "note: kexec_file_load is used: this kernel's integrity policy (IMA) "
			    "takes files only");
	int code = r < 0 ? loading_refused(c, &res, &err) : loading_done(c, j, &res);

	buf_done(&res.log);
	return code;
}

/* A snapshot's machine, or another CPU, can be planned for but not loaded on. */
static int check_live(const struct cli *c, const struct load_opts *l, const struct job_options *o,
		      struct err *err)
{
	if (l->dry_run || c->sys->pretend)
		return 0;
	if (strcmp(o->root, "/") != 0)
		return fail(
			err, EINVAL,
			"'--sysroot' without '--dry-run': only the running machine can be loaded");
	if (l->arch && session_foreign(l->arch))
		return fail(err, EINVAL,
			    "'--arch %s' without '--dry-run': this machine has another CPU",
			    l->arch);
	return 0;
}

static int load(const struct cli *c, struct load_opts *l)
{
	struct job_options o;
	struct job j;
	struct err err = ERR_INIT;

	if (load_opts_job(l, &o, &err) < 0 || check_live(c, l, &o, &err) < 0)
		return cli_usage(c, &err);
	if (!l->dry_run && session_may_load(c->sys, &err) < 0)
		return cli_refuse(c, &err);
	o.shown_only = l->dry_run;
	int code = loading_plan(c, &o, &j);
	if (!code) {
		/* Under --json a load's result is the one object. */
		bool plan = l->dry_run || (l->explain && !c->json);

		loading_notes(c, &j, plan);
		code = loading_show(c, &j, plan, l->explain, l->svg);
	}
	if (!code && !l->dry_run)
		code = commit(c, &o, &j);
	job_done(&j);
	return code;
}

static int run(struct cli *c)
{
	return load_opts_run(c, &cmd_load, load);
}
