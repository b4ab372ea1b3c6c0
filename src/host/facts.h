/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the facts of a machine below a root: each file once, by machine/'s parsers. Changes
 * nothing.
 */
#pragma once
#include "machine/machine.h"

/*
 * @root: NULL, "" or "/" is the live machine; else a folder that mirrors one (interface.md §4,
 * snapshot).
 *
 * /proc/iomem must be there; every other fact may be missing, or hidden for lack of privilege, and
 * is then unknown. A fact that is there but damaged is an error, which names the file.
 *
 * arch, release and page size: uname(2) and getpagesize(3) of the live machine; baton.json of a
 * snapshot; of a folder without one /proc/cpuinfo and vmcoreinfo (else x86_64's 4096). The kernel's
 * text address: vmcoreinfo SYMBOL(_stext), whose text comes with /proc/kcore or baton.json; only
 * where that lacks it /proc/kallsyms, up to that line.
 *
 * 0 | -ENOENT no /proc/iomem | -EBADMSG | -ENOTSUP a snapshot of a later schema, or a CPU that has
 * no name | -ENOMEM | errno of a read. @out is MACHINE_INIT on failure.
 */
int host_facts(const char *root, struct machine *out, struct err *err);

/* Of these only what uname(2) or baton.json says: arch, release, page size; empty = unknown. */
int host_self(const char *root, struct machine *out, struct err *err);
