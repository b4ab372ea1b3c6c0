/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of this folder. */
#pragma once
#include "arch/arch.h"
#include "arch/crash.h"
#include "arch/x86_64/kernel.h"
#include "arch/x86_64/protocol.h"
#include "image/bzimage.h"

/* Upper bound of the bytes that the setup_data nodes will take; 0 = none. */
uint64_t x86_setup_data_max(const struct boot *b);

/* The embedded purgatory object. */
struct span x86_64_purgatory(void);
