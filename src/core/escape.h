/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from outside (command lines, paths, versions) may hold any bytes. These make it fit to be
 * shown: what is sound UTF-8 stays, every other byte becomes the four characters \xNN. All append
 * to @out and give 0 or -ENOMEM.
 */
#pragma once
#include "core/buf.h"

/*
 * The length (1 to 4) of the sound UTF-8 sequence at the start of @s, or 0: RFC 3629, no
 * surrogates, no overlong forms.
 */
unsigned escape_utf8_len(struct span s);

/* Sound UTF-8, control characters kept: for json-c, which escapes those by itself. */
int escape_utf8(struct span s, struct buf *out);

/*
 * For a terminal: control characters (C0, DEL, C1) become \xNN, too, so that no text can move the
 * cursor.
 */
int escape_terminal(struct span s, struct buf *out);

/*
 * For XML text and attributes: < > & " ' as entities; what XML 1.0 forbids (section 2.2) becomes
 * \xNN.
 */
int escape_xml(struct span s, struct buf *out);
