/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "host/policy.h"
#include "plan/plan.h"

/*
 * What a refusal (@code: positive errno) of @call means on a machine with this policy, one line
 * without a full stop; NULL where the errno's own text is all that can be said. Source:
 * kernel/kexec.c, kexec_file.c, kexec_core.c and security/lockdown of Linux 6.1 to 6.12.
 */
const char *explain_refusal(int code, enum plan_syscall call, bool crash,
			    const struct host_policy *p);
