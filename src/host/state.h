/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What we loaded, remembered until the next boot: RUN_DIR/state, text lines KEY=VALUE. The kernel
 * tells only that something is loaded, not by whom nor who will verify it.
 */
#pragma once
#include "core/err.h"
#include "host/sys.h"
#include "plan/plan.h"

struct host_state_load {
	bool known;
	enum verified_by verified_by;
	enum plan_syscall syscall;
	char image[256];
};

struct host_state {
	char boot_id[64];
	bool last_crash; /* the last load was a crash load */
	struct host_state_load normal, crash;
};

/* The kernel's random id of this boot, below @root; empty when it cannot be read. */
void state_boot_id(const char *root, char out[64]);

/* A state of another boot, a damaged one and none at all are the same: nothing known. Never fails.
 */
void state_read(const struct host_sys *sys, const char *root, struct host_state *out);

/* Writes it whole (a new file is renamed into place), with this boot's id. */
int state_write(const struct host_sys *sys, const char *root, const struct host_state *s,
		struct err *err);
