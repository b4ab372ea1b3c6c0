/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of this folder. */
#pragma once
#include "arch/arch.h"

int s390_layout(struct boot *b, struct err *err);
int s390_fill(struct boot *b, struct err *err);

/* The embedded purgatory object. */
struct span s390x_purgatory(void);
