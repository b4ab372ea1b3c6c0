/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a load by kexec_load is made without: facts that are missing, and what that will cost. */
#pragma once
#include "arch/boot.h"

/* Adds the plan's warnings. 0 | -ENOMEM. */
int doubts_warn(struct boot *b, struct err *err);
