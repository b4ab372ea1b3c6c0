/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "core/buf.h"
#include "core/err.h"

/*
 * What the kernel file @path says of itself, as lines for a person or as the JSON object of
 * interface.md §3, appended to @out. The reason of a failure names the file.
 */
int session_inspect(const char *path, bool json, struct buf *out, struct err *err);
