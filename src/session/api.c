/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <baton.h>

#include <stdio.h>
#include <stdlib.h>

#include "core/cleanup.h"
#include "session/commit.h"
#include "session/running.h"
#include "session/version.h"

/* What a failure tells the caller. Returns @r. */
static int tell(struct baton_error *out, int r, const struct err *err)
{
	if (r < 0 && out) {
		out->code = -r;
		snprintf(out->text, sizeof(out->text), "%s", err->text);
	}
	return r;
}

static int misused(struct baton_error *out, const char *why)
{
	struct err err = ERR_INIT;

	return tell(out, fail(&err, EINVAL, "%s", why), &err);
}

const char *baton_version(void)
{
	return BATON_VERSION;
}

static struct job_options options(const struct baton_load *what)
{
	static const enum choose_want wants[] = {CHOOSE_AUTO, CHOOSE_LOAD, CHOOSE_FILE};

	return (struct job_options){
		.root = what->root ? what->root : "/",
		.image = what->image,
		.initrds = what->initrds,
		.ninitrds = what->ninitrds,
		.dtb = what->dtb,
		.vendor_boot = what->vendor_boot,
		.modules = what->modules,
		.nmodules = what->nmodules,
		.append = what->append,
		.want = wants[what->syscall],
		.request =
			{
				.crash = what->crash,
				.reuse_cmdline = what->reuse_cmdline,
				.window = {0, UINT64_MAX},
			},
	};
}

static bool sound(const struct baton_load *what)
{
	return what && what->size == sizeof(*what) && what->image &&
	       (unsigned)what->syscall <= BATON_SYSCALL_FILE;
}

int baton_plan_json(const struct baton_load *what, char **json, struct baton_error *err)
{
	struct err e = ERR_INIT;
	struct buf out = BUF_INIT;
	struct job j;

	if (!sound(what) || !json)
		return misused(err, "baton_plan_json: bad arguments");
	struct job_options o = options(what);
	o.shown_only = true;
	int r = job_plan(&o, &j, &e);
	if (!r && plan_json(&j.plan, &out) < 0)
		r = fail(&e, ENOMEM, "no memory");
	job_done(&j);
	if (!r)
		*json = (char *)buf_take(&out).ptr;
	buf_done(&out);
	return tell(err, r, &e);
}

int baton_load(const struct baton_load *what, struct baton_error *err)
{
	struct host_sys sys = sys_real();
	struct err e = ERR_INIT;
	struct load_result res;
	struct job j;

	if (!sound(what) || what->root)
		return misused(err, "baton_load: bad arguments");
	struct job_options o = options(what);
	int r = session_may_load(&sys, &e);
	if (r < 0)
		return tell(err, r, &e);
	r = job_plan(&o, &j, &e);
	if (!r) {
		r = session_load(&sys, o.root, &j, &res, &e);
		if (r < 0 && res.unprotected)
			r = -ENOTRECOVERABLE;
		buf_done(&res.log);
	}
	job_done(&j);
	return tell(err, r, &e);
}

int baton_unload(bool crash, struct baton_error *err)
{
	_cleanup_(buf_done) struct buf log = BUF_INIT;
	struct unload_options o = {.root = "/", .crash = crash, .by = -1};
	struct host_sys sys = sys_real();
	struct err e = ERR_INIT;
	const char *hint;

	return tell(err, session_unload(&sys, &o, &log, &hint, &e), &e);
}

static int tri(enum host_answer a)
{
	return a == HOST_UNKNOWN ? -1 : a == HOST_YES;
}

int baton_status(struct baton_status *out, struct baton_error *err)
{
	struct host_sys sys = sys_real();
	struct session_status s;
	struct err e = ERR_INIT;

	if (!out)
		return misused(err, "baton_status: bad arguments");
	int r = session_status(&sys, "/", &s, &e);
	if (!r)
		*out = (struct baton_status){
			.loaded = tri(s.policy.loaded),
			.crash_loaded = tri(s.policy.crash_loaded),
			.crash_size = s.policy.crash_size,
		};
	return tell(err, r, &e);
}

int baton_exec(bool force, struct baton_error *err)
{
	struct exec_options o = {.root = "/", .force = force, .sync = true, .ifdown = true};
	struct host_sys sys = sys_real();
	struct err e = ERR_INIT;

	return tell(err, session_exec(&sys, &o, &e), &e);
}
