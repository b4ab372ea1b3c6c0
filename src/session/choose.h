/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which system call a load uses. A pure function: all that it knows stands in its input. */
#pragma once
#include <stdbool.h>
#include "core/err.h"
#include "plan/plan.h"

enum choose_want {
	CHOOSE_AUTO, /* kexec_load, unless the kernel's policy demands the file call */
	CHOOSE_LOAD,
	CHOOSE_FILE,
	CHOOSE_FILE_FIRST, /* kexec -a: the file call, then kexec_load where that is no breach of
			      policy */
};

struct choose_facts {
	enum choose_want want;
	int load_call, file_call; /* does this kernel have them? -1 unknown, 0 no, 1 yes */
	bool locked_down;         /* kernel_lockdown(7), either level */
	bool confidential;        /* a guest in which our purgatory cannot run */
	bool hand_over;           /* kexec hand-over state that only the kernel can pass on */
	bool file_ok;             /* kexec_file_load can take this image; else */
	const char *file_why;     /* why not */
	const char *
		needs_load; /* an option that only kexec_load honours ("--load-address"), or NULL */
	const char *needs_file; /* the same for kexec_file_load */
};

struct choice {
	enum plan_syscall call;
	bool may_fall_back; /* to the other call: choose_fall_back */
	char why[160]; /* one line for the user where it is not the usual way; empty = nothing to
			  say */
};

/* 0 | -EINVAL: the options contradict each other | -ENOTSUP: the one call left cannot take this
 * image. */
int choose_call(const struct choose_facts *f, struct choice *out, struct err *err);

/*
 * May @r of the chosen call be answered with the other one? kexec_load follows where
 * kexec_file_load knows not itself or the image, never on a refusal for reasons of policy (EPERM,
 * EKEYREJECTED, ENOKEY, ENODATA …): interface.md §4. kexec_file_load follows on EACCES: IMA takes
 * no kernel without a file, and says so before the armed image is touched
 * (security/integrity/ima/ima_main.c, ima_load_data; kernel/kexec.c, kexec_load_check).
 */
bool choose_fall_back(const struct choice *c, int r);
