/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second half of a load: a job whose plan was found good goes to the kernel, and is remembered.
 */
#pragma once
#include "host/sys.h"
#include "session/job.h"

struct load_result {
	enum plan_syscall call; /* the one that did it, or refused last */
	enum verified_by verified_by;
	bool fell_back;   /* the other call than the chosen one was tried last */
	bool unprotected; /* the armed crash image is gone and nothing replaced it */
	const char *hint; /* one line: what a refusal means here; NULL = nothing to add */
	struct buf log;   /* what the kernel said meanwhile, lines */
	struct err state; /* the state file could not be written: code != 0. No failure */
};

/* May this process load on this machine? Asked before anything large is read. */
int session_may_load(const struct host_sys *sys, struct err *err);

/* True when @arch is not the CPU that this program runs on. */
bool session_foreign(const char *arch);

/*
 * Hand the plan of @j to the kernel. @res is filled in either case; the caller releases @res->log.
 * 0 | the errno of the call that refused.
 */
int session_load(const struct host_sys *sys, const char *root, const struct job *j,
		 struct load_result *res, struct err *err);
