/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `baton inspect` shows. @file is the path as the user gave it; unknown facts are left out
 * of the text and null in the JSON. Both append to @out. 0 | -ENOMEM.
 */
#pragma once
#include "core/buf.h"
#include "image/image.h"

int image_text(const struct image *m, const char *file, struct buf *out); /* lines for a person */
int image_json(const struct image *m, const char *file, struct buf *out); /* one object, newline */
