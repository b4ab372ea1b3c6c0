/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saves a dump: first its kernel log to DEST.dmesg, then a copy in which pages of zeros are holes.
 * DEST appears whole or not at all: DEST.incomplete is written, synced and renamed. Memory use does
 * not depend on the dump's size.
 */
#pragma once
#include <signal.h>
#include "core/texts.h"
#include "vmcore/dmesg.h"

/* Exit codes of `baton save`. */
enum save_code {
	SAVE_DONE = 0,
	SAVE_FAILED = 1, /* and nothing opens in a reader */
	SAVE_INCOMPLETE = 4, /* interrupted or pages missing; what is there opens in a reader */
	SAVE_NO_SPACE = 5,
	SAVE_BAD_SOURCE = 6,
	SAVE_BAD_DEST = 7,
};

struct save_request {
	const char *src, *dest;
	bool force;                        /* replace an existing DEST */
	unsigned dmesg_flags;              /* enum dmesg_flags, for DEST.dmesg */
	const volatile sig_atomic_t *stop; /* set by a signal handler: stop soon; may be NULL */
	void (*progress)(void *ctx, uint64_t done, uint64_t total); /* bytes; may be NULL */
	void *ctx;
};

struct save_result {
	enum save_code code;
	uint64_t size;       /* of DEST in bytes, holes included */
	uint64_t read;       /* bytes of the source looked at */
	uint64_t written;    /* bytes of pages that were not zero */
	uint64_t lost_pages; /* could not be read: holes now, and DEST is marked incomplete */
	bool has_dmesg;      /* DEST.dmesg was written */
	struct dmesg_stats dmesg;
	struct texts warnings; /* one line each, for the user */
};

#define SAVE_RESULT_INIT {.code = SAVE_FAILED}

/*
 * 0 with code SAVE_DONE or, when pages are missing, SAVE_INCOMPLETE (DEST is there, warnings say
 * what is missing) | a negative errno, the reason in @err and the exit code in @out->code. @out is
 * filled in every case; save_result_done releases it.
 */
int vmcore_save(const struct save_request *req, struct save_result *out, struct err *err);
void save_result_done(struct save_result *r);
