/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The reason of a failure, in a buffer that the caller owns. Functions return 0 or a count, or a
 * negative errno with one fixed meaning: ENOEXEC not this format (silent) · EBADMSG this format,
 * damaged · ENOTSUP sound, but we cannot · ENOSPC no place in memory · EOVERFLOW arithmetic ·
 * ERANGE relocation out of reach · ENOMEM · EINVAL the request contradicts itself; system calls
 * keep their own errno. The text is one line without a full stop and grows prefixes on its way up:
 * "kernel 'vmlinuz': setup header ends at 0x1f8, behind the end of the file".
 */
struct err {
	int code;        /* positive errno; 0 = none */
	bool has_offset; /* @offset says where in @file */
	uint64_t offset;
	char file[256]; /* the file the reason speaks of; empty = none */
	char text[768];
};

#define ERR_INIT                                                                                   \
	{                                                                                          \
		0                                                                                  \
	}

/* Record @code (positive errno) and a reason. Returns -code. @err may be NULL. */
int fail(struct err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same, and where in the file: shown in JSON; name it in the text too. */
int fail_at(struct err *err, int code, uint64_t offset, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Put "prefix: " before the reason on the way up. Returns @r unchanged; without a failure (@r is 0
 * or more) nothing is done. */
int wrap(struct err *err, int r, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Name the file that the reason speaks of (the innermost caller wins) and prefix "WHAT 'PATH': ".
 * As wrap() otherwise. */
int wrap_file(struct err *err, int r, const char *what, const char *path);
