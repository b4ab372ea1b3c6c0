/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Module.symvers: what a kernel's build wrote down of every exported symbol, a line each:
 * CRC, symbol, module, kind of export, namespace, with tabs between. Format:
 * docs/formats/module-crcs.md; Linux scripts/mod/modpost.c, write_dump(), Documentation/kbuild.
 */
#pragma once
#include "base/span.h"
#include "core/err.h"
#include "core/vec.h"

struct symver {
	struct span name; /* borrows the text */
	uint32_t crc;
};

struct symvers VEC_BODY(struct symver);

/*
 * The lines whose module is "vmlinux", sorted by name. @out is empty on entry, the caller's to
 * vec_done(). 0 | -EBADMSG: a line that is none (@err says which) | -ENOTSUP: no line is of vmlinux
 * | -ENOMEM.
 */
int symvers_parse(struct span text, struct symvers *out, struct err *err);

/* As strcmp() would, had they ends. */
int symvers_compare(struct span a, struct span b);
