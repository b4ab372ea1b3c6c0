/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hands a plan to the kernel. The plan must be validated: the kernel frees an armed crash image
 * before it reads the new one. */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "host/sys.h"
#include "plan/plan.h"

/*
 * The files behind a PLAN_FILE as they were opened, for the signature checks of the kernel (an IMA
 * signature is an attribute of the file): used where the plan's bytes are the file's own.
 * Descriptors of -1: none.
 */
struct host_files {
	int kernel_fd, initrd_fd;
	struct span kernel, initrd;
	unsigned long flags; /* more of HOST_KEXEC_FILE_* */
};

/*
 * 0 | the negative errno of the call; @err says "CALL: strerror". @log gets what the kernel said
 * meanwhile (host/kmsg.h). Also -EOVERFLOW: an address does not fit this host's unsigned long |
 * -EINVAL: the plan lacks what the call needs.
 */
int host_load(const struct host_sys *sys, const struct plan *plan, const struct host_files *files,
	      struct buf *log, struct err *err);

/* Forget what is loaded (crash: the armed image). Nothing loaded is no error. */
int host_unload(const struct host_sys *sys, bool crash, enum plan_syscall by, struct buf *log,
		struct err *err);

const char *host_call_name(enum plan_syscall by); /* "kexec_load", "kexec_file_load" */
