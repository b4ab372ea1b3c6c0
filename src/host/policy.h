/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the running kernel says about loading kernels: what is loaded, which calls it has, and what
 * it forbids. Read only, below a root; nothing is found out by trying.
 */
#pragma once
#include "core/err.h"

enum host_answer { HOST_UNKNOWN, HOST_NO, HOST_YES };

enum host_lockdown {
	LOCKDOWN_UNKNOWN,
	LOCKDOWN_NONE,
	LOCKDOWN_INTEGRITY,
	LOCKDOWN_CONFIDENTIALITY,
};

struct host_policy {
	enum host_answer loaded, crash_loaded; /* HOST_UNKNOWN: the kernel has no kexec at all */
	bool has_crash_size;
	uint64_t crash_size;                      /* bytes of the reservation; 0 = there is none */
	enum host_answer has_load, has_file_load; /* the system calls kexec_load, kexec_file_load */
	enum host_answer load_disabled;           /* kernel.kexec_load_disabled */
	int64_t limit_panic, limit_reboot;        /* loads that are still allowed; -1 = no limit */
	enum host_lockdown lockdown;
	enum host_answer secure_boot; /* EFI's SecureBoot variable */
	enum host_answer
		handover; /* state is finalized that only kexec_file_load passes on (KHO) */
};

/*
 * @root as for host_facts(). Whatever is missing or hidden is unknown. 0 | -EBADMSG a file with
 * something else in it | errno of a read.
 */
int host_policy(const char *root, struct host_policy *out, struct err *err);

/* "none", "integrity", "confidentiality"; NULL for unknown. */
const char *host_lockdown_name(enum host_lockdown l);
