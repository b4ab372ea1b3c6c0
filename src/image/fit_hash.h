/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hashes in a FIT image: docs/formats/fit.md. */
#pragma once
#include "base/span.h"
#include "core/err.h"

/*
 * Is @value the hash of @data, of the kind that @algo names? 1: it is | 0: a kind that is not known
 * here, nothing was looked at | -EBADMSG: it is not, or not as long as one of that kind.
 */
int fit_hash_check(struct span algo, struct span value, struct span data, struct err *err);
