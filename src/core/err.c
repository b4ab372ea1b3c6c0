/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static int vfail(struct err *err, int code, const char *fmt,
						       va_list ap)
{
	if (!err)
		return -code;
	*err = (struct err){.code = code};
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	return -code;
}

int fail(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int r = vfail(err, code, fmt, ap);
	va_end(ap);
	return r;
}

int fail_at(struct err *err, int code, uint64_t offset, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int r = vfail(err, code, fmt, ap);
	va_end(ap);
	if (err) {
		err->has_offset = true;
		err->offset = offset;
	}
	return r;
}

static void prefix(struct err *err, const char *text)
{
	char old[sizeof(err->text)];

	memcpy(old, err->text, sizeof(old));
	if (!old[0])
		snprintf(old, sizeof(old), "%s", strerror(err->code));
	int n = snprintf(err->text, sizeof(err->text), "%s: ", text);
	if (n > 0 && (size_t)n < sizeof(err->text)) {
		size_t len = strnlen(old, sizeof(err->text) - 1 - (size_t)n);

		memcpy(err->text + n, old, len);
		err->text[(size_t)n + len] = '\0';
	}
}

int wrap(struct err *err, int r, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (!err || r >= 0)
		return r;
	if (!err->code)
		err->code = -r;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	prefix(err, text);
	return r;
}

int wrap_file(struct err *err, int r, const char *what, const char *path)
{
	if (err && r < 0 && !err->file[0])
		snprintf(err->file, sizeof(err->file), "%s", path);
	return wrap(err, r, "%s '%s'", what, path);
}
