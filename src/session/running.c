/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/running.h"

#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "host/exec.h"
#include "host/facts.h"
#include "host/kload.h"
#include "session/commit.h"
#include "session/explain.h"

static void find_fault(const char *root, struct session_status *out)
{
	struct machine m;

	if (host_self(root, &m, NULL) < 0)
		return;
	const struct arch *arch = arch_by_name(m.arch);

	if (arch && arch->jump_fault)
		out->fault = arch->jump_fault(m.release);
	snprintf(out->release, sizeof(out->release), "%s", m.release);
	machine_done(&m);
}

int session_status(const struct host_sys *sys, const char *root, struct session_status *out,
		   struct err *err)
{
	*out = (struct session_status){.verified_known = false};
	int r = host_policy(root, &out->policy, err);

	if (r < 0)
		return r;
	if (out->policy.loaded == HOST_UNKNOWN && out->policy.crash_loaded == HOST_UNKNOWN)
		return fail(err, ENOSYS,
			    "the kernel does not tell what is loaded (built without kexec?)");
	state_read(sys, root, &out->state);
	const struct host_state *s = &out->state;
	const struct host_state_load *last = s->last_crash ? &s->crash : &s->normal;
	enum host_answer there = s->last_crash ? out->policy.crash_loaded : out->policy.loaded;

	out->verified_known = last->known && there == HOST_YES;
	out->verified_by = last->verified_by;
	find_fault(root, out);
	return 0;
}

static void forget(const struct host_sys *sys, const struct unload_options *o)
{
	struct host_state s;

	state_read(sys, o->root, &s);
	struct host_state_load *l = o->crash ? &s.crash : &s.normal;
	if (!l->known)
		return;
	*l = (struct host_state_load){.known = false};
	(void)state_write(sys, o->root, &s, NULL);
}

int session_unload(const struct host_sys *sys, const struct unload_options *o, struct buf *log,
		   const char **hint, struct err *err)
{
	struct host_policy p;
	enum plan_syscall by = (enum plan_syscall)o->by;
	int r = session_may_load(sys, err);

	*hint = NULL;
	if (!r)
		r = host_policy(o->root, &p, err);
	if (r < 0)
		return r;
	/* Both calls forget what either has loaded; kexec_load may be closed by policy. */
	if (o->by < 0)
		by = p.lockdown > LOCKDOWN_NONE || p.has_load == HOST_NO ? PLAN_FILE : PLAN_LOAD;
	r = host_unload(sys, o->crash, by, log, err);
	/* IMA's EACCES is for kexec_load, even to unload (kernel/kexec.c, kexec_load_check). */
	if ((r == -ENOSYS || (r == -EACCES && by == PLAN_LOAD)) && o->by < 0) {
		by = by == PLAN_FILE ? PLAN_LOAD : PLAN_FILE;
		*err = (struct err)ERR_INIT;
		r = host_unload(sys, o->crash, by, log, err);
	}
	if (r < 0)
		*hint = explain_refusal(-r, by, o->crash, &p);
	else
		forget(sys, o);
	return r;
}

int session_exec(const struct host_sys *sys, const struct exec_options *o, struct err *err)
{
	struct host_policy p;
	int r = session_may_load(sys, err);

	if (!r)
		r = host_policy(o->root, &p, err);
	if (r < 0)
		return r;
	if (p.loaded == HOST_NO)
		return fail(err, ENOENT, "no kernel is loaded ('baton load IMAGE' loads one)");
	if (!o->force)
		return host_exec_orderly(sys, err);
	return host_exec(sys, o->sync, o->ifdown, err);
}
