/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"
#include "core/cleanup.h"
#include "host/kload.h"
#include "session/running.h"

static int run(struct cli *c);

const struct command cmd_status = {
	.name = "status",
	.operands = "",
	.summary = "say what is loaded and what this kernel allows",
	.text = "Exits with 0 whenever the state could be read, loaded or not.",
	.run = run,
};

static const char *const verified[] = {"none", "baton", "kernel"};

/* For json_tri. */
static int tri(enum host_answer a)
{
	return a == HOST_UNKNOWN ? -1 : a == HOST_YES;
}

static int put_json(const struct cli *c, const struct session_status *s)
{
	const struct host_policy *p = &s->policy;
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	json_int(&j, "schema", 1);
	json_open(&j, "normal", '{');
	json_tri(&j, "loaded", tri(p->loaded));
	json_close(&j, '}');
	json_open(&j, "crash", '{');
	json_tri(&j, "loaded", tri(p->crash_loaded));
	if (p->has_crash_size)
		json_int(&j, "size", p->crash_size);
	else
		json_null(&j, "size");
	json_close(&j, '}');
	json_string(&j, "verified_by", s->verified_known ? verified[s->verified_by] : NULL);
	json_open(&j, "syscalls", '{');
	json_tri(&j, "load", tri(p->has_load));
	json_tri(&j, "file", tri(p->has_file_load));
	json_close(&j, '}');
	json_string(&j, "lockdown", host_lockdown_name(p->lockdown));
	json_tri(&j, "load_disabled", tri(p->load_disabled));
	json_close(&j, '}');
	return cli_put_json(c, &j);
}

static const char *yes_no(enum host_answer a, const char *yes, const char *no)
{
	return a == HOST_UNKNOWN ? "unknown" : a == HOST_YES ? yes : no;
}

static int put_load(struct buf *b, const struct host_state_load *l, enum host_answer loaded)
{
	static const char *const who[] = {"not verified", "verified by Baton's purgatory",
					  "verified by the kernel"};

	if (loaded != HOST_YES || !l->known)
		return buf_puts(b, "\n");
	return buf_printf(b, ": %s, by %s, %s\n", l->image, host_call_name(l->syscall),
			  who[l->verified_by]);
}

static int put_text(const struct cli *c, const struct session_status *s)
{
	const struct host_policy *p = &s->policy;
	const char *lock = host_lockdown_name(p->lockdown);
	_cleanup_(buf_done) struct buf b = BUF_INIT;
	int r = buf_printf(&b, "next kernel      %s", yes_no(p->loaded, "loaded", "none loaded"));

	if (!r)
		r = put_load(&b, &s->state.normal, p->loaded);
	if (!r)
		r = buf_printf(&b, "crash kernel     %s",
			       yes_no(p->crash_loaded, "armed", "not armed"));
	if (!r)
		r = put_load(&b, &s->state.crash, p->crash_loaded);
	if (!r && p->has_crash_size && p->crash_size)
		r = buf_printf(&b, "reserved         %llu MiB for the crash kernel\n",
			       (unsigned long long)(p->crash_size >> 20));
	if (!r && p->has_crash_size && !p->crash_size)
		r = buf_puts(&b, "reserved         nothing (crashkernel= is missing)\n");
	if (!r)
		r = buf_printf(&b, "kexec_load       %s\nkexec_file_load  %s\n",
			       yes_no(p->has_load, "yes", "no"),
			       yes_no(p->has_file_load, "yes", "no"));
	if (!r)
		r = buf_printf(&b, "lockdown         %s\nloading          %s\n",
			       lock ? lock : "unknown",
			       yes_no(p->load_disabled, "disabled until the next boot", "allowed"));
	return r < 0 ? EXIT_REFUSED : cli_put(c, &b);
}

static int status(const struct cli *c, const char *root)
{
	struct session_status s;
	struct err err = ERR_INIT;

	if (session_status(c->sys, root, &s, &err) < 0)
		return cli_fail(c, EXIT_REFUSED, &err);
	if (s.fault)
		cli_note(c, "warning: the running Linux %s %s", s.release, s.fault);
	return c->json ? put_json(c, &s) : put_text(c, &s);
}

static int run(struct cli *c)
{
	const char *root = "/";
	struct words w = {0};
	int code;
	const struct opt table[] = {
		{"sysroot", 0, OPT_STRING, &root, "DIR", "the machine in a snapshot"},
	};

	if (cli_begin(c, &cmd_status, table, 1, &w, &code) && cli_operands(c, &w, 0, 0, &code))
		code = status(c, root);
	vec_done(&w);
	return code;
}
