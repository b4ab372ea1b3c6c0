/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/inspect.h"

#include "core/cleanup.h"
#include "image/render.h"
#include "session/files.h"

int session_inspect(const char *path, bool json, struct buf *out, struct err *err)
{
	_cleanup_(buf_done) struct buf file = BUF_INIT;
	_cleanup_(closep) int fd = -1;
	struct image image = {0};
	int r = files_read("kernel", path, SESSION_KERNEL_MAX, &fd, &file, err);

	if (r < 0)
		return r;
	r = image_parse(buf_span(&file), &image, err);
	if (r < 0)
		return wrap_file(err, r, "kernel", path);
	r = json ? image_json(&image, path, out) : image_text(&image, path, out);
	return r < 0 ? fail(err, ENOMEM, "no memory") : 0;
}
