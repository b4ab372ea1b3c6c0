/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests only: a fake root in a temporary folder, made of path and text. */
#pragma once
#include "core/buf.h"

struct fake_root {
	char dir[64];
};

/* Make an empty folder below /tmp. All functions here stop the program when they fail. */
void tree_init(struct fake_root *t);
void tree_put(const struct fake_root *t, const char *path, const char *text);
void tree_put_bytes(const struct fake_root *t, const char *path, struct span data);
void tree_remove(const struct fake_root *t, const char *path);
/* The folder with all in it. */
void tree_done(struct fake_root *t);
/* A small x86_64 machine: two CPUs with a gap in their numbers, a crash region, EFI, kcore. */
void tree_machine(const struct fake_root *t);
