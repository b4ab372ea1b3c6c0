/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/commit.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "host/kload.h"
#include "host/state.h"
#include "session/explain.h"

int session_may_load(const struct host_sys *sys, struct err *err)
{
	if (!sys->privileged(sys->ctx))
		return fail(err, EPERM, "%s: this needs root (CAP_SYS_BOOT)", strerror(EPERM));
	return 0;
}

bool session_foreign(const char *arch)
{
	struct utsname self;

	return uname(&self) < 0 || arch_by_name(arch) != arch_by_name(self.machine);
}

static int hand_over_plan(const struct host_sys *sys, const struct job *j, const struct plan *p,
			  struct load_result *res, struct err *err)
{
	struct host_files f = {
		.kernel_fd = j->image_fd,
		.initrd_fd = j->initrd_fd,
		.kernel = buf_span(&j->image),
		.initrd = buf_span(&j->initrd),
		.flags = j->file_flags,
	};

	res->call = p->syscall;
	res->verified_by = p->verified_by;
	return host_load(sys, p, &f, &res->log, err);
}

/* After a failure: the kernel frees an armed image before it looks at the new one. */
static bool lost_armed(const char *root, const struct job *j)
{
	struct host_policy now;

	if (!j->request.crash || j->policy.crash_loaded != HOST_YES)
		return false;
	return !host_policy(root, &now, NULL) && now.crash_loaded == HOST_NO;
}

static void remember(const struct host_sys *sys, const char *root, const struct job *j,
		     struct load_result *res)
{
	struct host_state s;

	state_read(sys, root, &s);
	struct host_state_load *l = j->request.crash ? &s.crash : &s.normal;

	l->known = true;
	l->verified_by = res->verified_by;
	l->syscall = res->call;
	snprintf(l->image, sizeof(l->image), "%s", j->request.image_path);
	s.last_crash = j->request.crash;
	(void)state_write(sys, root, &s, &res->state);
}

int session_load(const struct host_sys *sys, const char *root, const struct job *j,
		 struct load_result *res, struct err *err)
{
	*res = (struct load_result){.call = j->plan.syscall};
	int r = hand_over_plan(sys, j, &j->plan, res, err);

	if (r < 0 && j->has_second && choose_fall_back(&j->choice, r)) {
		struct err again = ERR_INIT;

		res->fell_back = true;
		r = hand_over_plan(sys, j, &j->second, res, &again);
		if (r < 0 && err)
			*err = again;
	}
	if (!r) {
		remember(sys, root, j, res);
		return 0;
	}
	res->hint = explain_refusal(-r, res->call, j->request.crash, &j->policy);
	res->unprotected = lost_armed(root, j);
	return wrap_file(err, r, "kernel", j->request.image_path);
}
