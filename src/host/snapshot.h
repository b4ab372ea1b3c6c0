/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the facts of a machine to a folder, from which host_facts() reads the same facts again. */
#pragma once
#include "core/err.h"

/*
 * @dir must be absent or empty. It gets a copy of every file that host_facts() and host_policy()
 * read below @root, at the same path, and baton.json (interface.md §4). Nothing secret: of kallsyms
 * only the symbols used, of kcore only the headers and the vmcoreinfo note, no random seeds.
 *
 * 0 | -EEXIST @dir is not empty | what host_facts() gives | -EPERM the machine hides its addresses
 * from us | errno of a write. On failure @dir may hold a part, and no baton.json.
 */
int host_snapshot(const char *root, const char *dir, struct err *err);
