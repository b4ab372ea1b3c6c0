/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a plan and a load are told to the user: shared by plan, load and the kexec name. */
#pragma once
#include "cli/cli.h"
#include "session/commit.h"
#include "session/job.h"
#include "session/running.h"

/* job_plan() with progress on a terminal. Says why there is no plan, with the crashkernel= to add
 * where that is what is missing. Returns the exit code; @j must be released in either case. */
int loading_plan(const struct cli *c, struct job_options *o, struct job *j);
/* The reason of the choice and, unless the plan is @shown, its warnings, on stderr. */
void loading_notes(const struct cli *c, const struct job *j, bool shown);
/* The picture into @svg (NULL = none); with @plan, the plan on stdout (text or JSON). */
int loading_show(const struct cli *c, const struct job *j, bool plan, bool explain,
		 const char *svg);
/* Why the kernel refused: reason, meaning, its own words. Returns the exit code. */
int loading_refused(const struct cli *c, const struct load_result *res, const struct err *err);
/* What is loaded, by which call, who verifies it, how to jump and to undo. */
int loading_done(const struct cli *c, const struct job *j, const struct load_result *res);
/* Unloads and says why not. */
int loading_unload(const struct cli *c, const struct unload_options *o);
