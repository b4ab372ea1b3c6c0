/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is loaded now: say it, forget it, jump into it. */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "host/policy.h"
#include "host/state.h"
#include "host/sys.h"

struct session_status {
	struct host_policy policy; /* what the kernel tells */
	struct host_state state;   /* what we remember of this boot */
	bool verified_known;       /* the last load was ours, and is still there */
	enum verified_by verified_by;
	/* What goes wrong when this kernel jumps: struct arch's jump_fault; NULL = nothing known */
	const char *fault;
	char release[128];
};

/* @root: "/" or a captured folder. Fails only when nothing at all could be read. */
int session_status(const struct host_sys *sys, const char *root, struct session_status *out,
		   struct err *err);

struct unload_options {
	const char *root;
	bool crash;
	int by; /* -1 = whichever this kernel allows; else enum plan_syscall */
};

/* @log: what the kernel said. @hint: what a refusal means, or NULL. Nothing loaded is no error. */
int session_unload(const struct host_sys *sys, const struct unload_options *o, struct buf *log,
		   const char **hint, struct err *err);

struct exec_options {
	const char *root;
	bool force;        /* sync and jump at once; else the init system shuts down first */
	bool sync, ifdown; /* only with force */
};

/* Returns only on failure, or when the init system has taken over. -ENOENT: nothing is loaded,
 * nothing was touched. */
int session_exec(const struct host_sys *sys, const struct exec_options *o, struct err *err);
