/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "core/buf.h"
#include "core/err.h"

/*
 * What the kernel file @path says of itself, as lines for a person or as the JSON object of
 * interface.md §3, appended to @out. The reason of a failure names the file. @note (ERR_INIT): why
 * what is packed inside could not be looked at, where that is so; the rest is shown all the same.
 */
int session_inspect(const char *path, bool json, struct buf *out, struct err *note,
		    struct err *err);
