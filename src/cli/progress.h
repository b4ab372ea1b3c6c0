/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line on a terminal for work of more than two seconds: how much, how fast, how long still. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what; /* "saving" */
	bool on;          /* stderr is a terminal */
	bool drawn;
	int64_t begun, last; /* milliseconds, monotonic */
};

void progress_start(struct progress *p, const char *what);
void progress_step(void *p, uint64_t done, uint64_t total); /* bytes */
void progress_end(struct progress *p);
