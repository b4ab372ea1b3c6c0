/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "core/err.h"
#include "host/sys.h"

/*
 * Jump at once into what is loaded: write buffers back, take interfaces down,
 * reboot(LINUX_REBOOT_CMD_KEXEC). Returns only on failure (or in a fake, with 0). The caller has
 * checked that something is loaded.
 */
int host_exec(const struct host_sys *sys, bool sync, bool ifdown, struct err *err);

/* An orderly shutdown that ends in the jump. -ENOSYS: no init system that can do it. */
int host_exec_orderly(const struct host_sys *sys, struct err *err);
